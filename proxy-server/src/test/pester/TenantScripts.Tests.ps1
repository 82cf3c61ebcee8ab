# Runs the scripts for the administrator of a tenant against the stand-in. Each run is '& script', as a person runs it.
Describe 'Scripts for the administrator of a tenant' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'StandIn.psm1') -Force
        $modules = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'modules')).FullName
        New-StandInModules $modules
        $oldPath = $env:PSModulePath
        $env:PSModulePath = $modules + [IO.Path]::PathSeparator + $oldPath
        # The scripts wait for Microsoft's servers; here nobody waits.
        function global:Start-Sleep { Add-Sleep }

        function Write-Script {
            param([string]$Kind = 'setup', [string]$Site = 'a', [string[]]$Mailboxes = 'scanner@contoso.com', [string[]]$Protocols = 'smtp',
                [string]$Flow = 'application', [string]$Name = 'TLS Uplift', [string]$Certificate = 'AQID', [bool]$Secret = $false, [string[]]$Known = @(), [string]$Tenant = 'contoso.onmicrosoft.com')
            $null = $PSBoundParameters.Remove('Site')
            $null = $PSBoundParameters.Remove('Kind')
            Write-TenantScript -Folder (Join-Path $TestDrive $Site) -Kind $Kind @PSBoundParameters
        }

        # Runs a script in a window of its own.
        function Start-Script {
            param([string]$File, [hashtable]$With = @{})
            Get-Module 'Microsoft.Graph.*', 'ExchangeOnlineManagement' | Remove-Module
            $global:LASTEXITCODE = 0
            $output = & $File @With *>&1 | Out-String
            [pscustomobject]@{ Exit = $LASTEXITCODE; Output = $output; Last = @($output.Trim() -split "`n")[-1] }
        }

        # The three IDs, as the administrator copies them from the first part.
        function Read-Ids {
            $application = $tenant.Applications | Where-Object { $_.DisplayName -like 'TLS Uplift*' } | Select-Object -Last 1
            $principal = $tenant.Principals | Where-Object { $_.AppId -eq $application.AppId }
            @{ TenantId = $tenant.Id; ApplicationId = $application.AppId; ObjectId = $principal.Id }
        }

        function Join-Options {
            $all = @{ Apply = $true }
            foreach ($options in $args) { foreach ($key in $options.Keys) { $all[$key] = $options[$key] } }
            $all
        }
        function Start-Entra { param([string]$File, [hashtable]$More = @{}) Start-Script $File (Join-Options @{ Part = 'Entra' } $More) }
        function Start-Exchange { param([string]$File, [hashtable]$More = @{}) Start-Script $File (Join-Options @{ Part = 'Exchange' } (Read-Ids) $More) }
        # The undo of the part Entra, which needs one ID.
        function Start-EntraUndo { param([string]$File, [hashtable]$More = @{}) Start-Script $File (Join-Options @{ Part = 'Entra'; ApplicationId = (Read-Ids).ApplicationId } $More) }
        function Add-Group {
            param([string]$Name, [string[]]$Members, [string]$Notes = '', [string]$Type = 'MailUniversalSecurityGroup')
            $made = [pscustomobject]@{ Name = $Name; Guid = [Guid]::NewGuid().ToString(); DistinguishedName = "CN=$Name,OU=foreign"; Notes = $Notes; RecipientTypeDetails = $Type }
            $tenant.Groups += $made
            $tenant.GroupMembers[$made.Guid] = @($tenant.Mailboxes | Where-Object { $Members -contains $_.PrimarySmtpAddress } | ForEach-Object { $_.Guid })
            $made
        }
        function Start-Setup {
            param([string]$File, [hashtable]$Entra = @{}, [hashtable]$Exchange = @{})
            $first = Start-Entra $File $Entra
            $first.Exit | Should -Be 0 -Because $first.Output
            $second = Start-Exchange $File $Exchange
            $second.Exit | Should -Be 0 -Because $second.Output
            $second
        }
    }

    AfterAll {
        Remove-Item function:global:Start-Sleep
        Get-Module 'Microsoft.Graph.*', 'ExchangeOnlineManagement' | Remove-Module
        $env:PSModulePath = $oldPath
    }

    BeforeEach {
        $tenant = New-Tenant
        Add-TenantMailbox 'scanner@contoso.com'
        Get-ChildItem $TestDrive -Recurse -Filter 'tls-uplift-*' | Remove-Item
    }

    Describe 'Set-up' {
        It 'connects a tenant from nothing' {
            Start-Setup (Write-Script)
            $tenant.Applications.KeyCredentials.DisplayName | Should -Be 'TLS Uplift AQID'
            $tenant.ExchangePrincipals.ObjectId | Should -Be (Read-Ids).ObjectId
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -BeFalse
        }

        It 'prints the line of IDs, with the object ID of the registration at its end' {
            $run = Start-Entra (Write-Script)
            $ids = Read-Ids
            $tenant.Applications[0].Id | Should -Not -Be $ids.ObjectId
            $line = "$($ids.TenantId) $($ids.ApplicationId) $($ids.ObjectId) $($tenant.Applications[0].Id)"
            @($run.Output -split "`n" | ForEach-Object { $_.Trim() }) | Should -Contain $line
            # Another run, with the application of the tenant, prints the same.
            (Start-Entra (Write-Script) @{ ApplicationId = $ids.ApplicationId }).Output | Should -BeLike "*$line*"
        }

        It 'changes nothing without -Apply' {
            $before = Get-TenantState
            $run = Start-Script (Write-Script)
            $run.Exit | Should -Be 0
            $run.Last | Should -BeLike 'OK. * changes are missing. Run the same command again with -Apply*'
            Get-TenantState | Should -Be $before
            Test-Path (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json') | Should -BeFalse
            $null = Start-Entra (Write-Script)
            $before = Get-TenantState
            $state = Get-Content -Raw (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json')
            $run = Start-Exchange (Write-Script) @{ Apply = $false }
            $run.Exit | Should -Be 0 -Because $run.Output
            Get-TenantState | Should -Be $before
            Get-Content -Raw (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json') | Should -Be $state
        }

        It 'changes nothing in a second run: <protocols> <exchange>' -ForEach @(
            @{ Protocols = @('smtp'); Entra = @{}; Exchange = @{} }
            @{ Protocols = @('smtp', 'imap', 'pop3'); Entra = @{}; Exchange = @{} }
            @{ Protocols = @('smtp'); Entra = @{ Classic = $true }; Exchange = @{ Classic = $true } }
            @{ Protocols = @('smtp'); Entra = @{}; Exchange = @{ Graph = $true } }
            @{ Protocols = @('smtp'); Entra = @{}; Exchange = @{ Graph = $true; SentItems = $true } }
        ) {
            $file = Write-Script -Protocols $Protocols
            $null = Start-Setup $file $Entra $Exchange
            $before = Get-TenantState
            (Start-Entra $file $Entra).Last | Should -Be 'OK. Nothing is missing.'
            (Start-Exchange $file $Exchange).Last | Should -Be 'OK. Nothing is missing.'
            Get-TenantState | Should -Be $before
        }

        It 'tries a change again after an error that passes: <cmdlet>' -ForEach @(
            'Update-MgApplication', 'New-MgServicePrincipal', 'New-MgServicePrincipalAppRoleAssignment', 'New-ServicePrincipal', 'New-DistributionGroup',
            'Add-DistributionGroupMember', 'New-ManagementScope', 'New-ManagementRoleAssignment', 'Set-CASMailbox', 'Add-MailboxPermission' | ForEach-Object { @{ Cmdlet = $_ } }
        ) {
            Set-Failure $Cmdlet "Resource does not exist (404)" -Times 2
            $null = Start-Setup (Write-Script -Protocols smtp, imap)
            $tenant.Sleeps | Should -Be 2
        }

        It 'fails, does not count the change, and signs out, if each try fails: <cmdlet>' -ForEach @(
            'New-MgApplication', 'New-MgServicePrincipal', 'New-ServicePrincipal', 'New-DistributionGroup', 'Add-DistributionGroupMember', 'New-ManagementScope',
            'New-ManagementRoleAssignment', 'Set-CASMailbox', 'Get-MgApplication', 'Get-MgServicePrincipal', 'Get-ServicePrincipal', 'Get-Mailbox', 'Get-CASMailbox',
            'Get-DistributionGroup', 'Get-ManagementScope', 'Get-ManagementRole', 'Get-ManagementRoleAssignment', 'Get-OrganizationConfig' | ForEach-Object { @{ Cmdlet = $_ } }
        ) {
            $file = Write-Script
            Set-Failure $Cmdlet 'Service unavailable (503)'
            $run = Start-Entra $file
            if ($run.Exit -eq 0) { $run = Start-Exchange $file }
            $run.Exit | Should -Be 1
            $run.Last | Should -BeLike 'FAILED.*'
            $run.Output | Should -BeLike '*Service unavailable (503)*'
            $made = @($run.Output -split "`n" | Where-Object { $_ -like 'changed: *' }).Count
            $run.Last | Should -BeLike "*. $made change$(if ($made -ne 1) { 's' }) made. *"
            $tenant.Connected | Should -BeNullOrEmpty
            # Afterwards the same commands complete the set-up, with one application.
            $tenant.Failures.Clear()
            $null = Start-Setup $file
            $tenant.Applications.Count | Should -Be 1
        }

        It 'does not wait for a change that is not allowed' {
            Set-Failure 'New-MgServicePrincipal' 'Insufficient privileges to complete the operation. Status: 403 (Forbidden)'
            $run = Start-Entra (Write-Script)
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*The part Entra needs the role Application Administrator or Privileged Role Administrator.*'
            $tenant.Sleeps | Should -Be 0
        }

        It 'registers no second application if the look-up is refused' {
            $null = Start-Entra (Write-Script)
            Set-Failure 'Get-MgApplication' 'Status: 403 (Forbidden)'
            (Start-Entra (Write-Script)).Exit | Should -Be 1
            $tenant.Applications.Count | Should -Be 1
        }

        It 'tells a mailbox that does not exist from a look-up that is refused' {
            $file = Write-Script -Mailboxes 'none@contoso.com'
            $null = Start-Entra $file
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*none@contoso.com: the tenant has no such mailbox*'
            $run.Output | Should -Not -BeLike '*needs the role*'
            Set-Failure 'Get-Mailbox' 'Access denied (403)'
            $run = Start-Exchange $file
            $run.Output | Should -BeLike '*Access denied (403)*The part Exchange needs the role Exchange Administrator.*'
            $run.Output | Should -Not -BeLike '*no such mailbox*'
        }

        It 'completes 399 mailboxes if one of 400 fails' {
            $all = 1..400 | ForEach-Object { "scan$_@contoso.com" }
            Add-TenantMailbox $all
            $file = Write-Script -Mailboxes $all
            $null = Start-Entra $file
            $bad = ($tenant.Mailboxes | Where-Object { $_.Name -eq 'scan200@contoso.com' }).Guid
            Set-Failure 'Set-CASMailbox' 'The mailbox is on-premises, access denied' -When { param($p) $p.Identity -eq $bad }.GetNewClosure()
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*1 failed:*scan200@contoso.com*'
            @($tenant.Mailboxes | Where-Object { $_.SmtpClientAuthenticationDisabled -eq $false }).Count | Should -Be 399
            @($tenant.GroupMembers[$tenant.Groups[0].Guid]).Count | Should -Be 399
            $tenant.Scopes[0].RecipientFilter.Length | Should -BeLessThan 200
        }
    }

    Describe 'A foreign application' {
        BeforeEach {
            $foreign = [pscustomobject]@{
                Id = 'f-1'; AppId = 'f0000002-0000-0000-0000-000000000000'; DisplayName = 'TLS Uplift'; KeyCredentials = @(); RequiredResourceAccess = @(); IsFallbackPublicClient = $false
                PasswordCredentials = @([pscustomobject]@{ DisplayName = 'his'; EndDateTime = [DateTime]'2027-01-01' }); PublicClient = $null
            }
            $tenant.Applications += $foreign
            $tenant.Owners['f-1'] = @('mallory@contoso.com')
        }

        It 'of the same name gets neither our certificate nor a permission' {
            $before = Get-TenantState
            $run = Start-Entra (Write-Script)
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*already has an application TLS Uplift*-ApplicationId f0000002-0000-0000-0000-000000000000*'
            Get-TenantState | Should -Be $before
        }

        It 'is used only after its owners and credentials are listed and accepted' {
            $before = Get-TenantState
            $run = Start-Entra (Write-Script) @{ ApplicationId = 'f0000002-0000-0000-0000-000000000000' }
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike "*client secret 'his'*"
            $run.Output | Should -BeLike '*owner mallory@contoso.com*'
            Get-TenantState | Should -Be $before
            (Start-Entra (Write-Script) @{ ApplicationId = 'f0000002-0000-0000-0000-000000000000'; AcceptOthers = $true }).Exit | Should -Be 0
            $foreign.KeyCredentials.DisplayName | Should -Be 'TLS Uplift AQID'
            $foreign.PasswordCredentials.Count | Should -Be 1
        }

        It 'that copied our label has another key, so it is not ours' {
            $foreign.KeyCredentials = @([pscustomobject]@{ DisplayName = 'TLS Uplift AQID'; Key = [byte[]](9, 9); EndDateTime = [DateTime]'2027-01-01' })
            (Start-Entra (Write-Script)).Exit | Should -Be 1
        }

        It 'is not removed by its name' {
            $run = Start-Script (Write-Script remove -Certificate '') @{ Part = 'Entra'; Apply = $true }
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*Give -ApplicationId*'
            $tenant.Applications.Count | Should -Be 1
        }

        It 'of another name is not removed by a mistaken ID, and is named' {
            $foreign.DisplayName = 'Payroll'
            $run = Start-Script (Write-Script remove) @{ Part = 'Entra'; Apply = $true; ApplicationId = 'f0000002-0000-0000-0000-000000000000' }
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike "*is called 'Payroll'*"
            $tenant.Applications.Count | Should -Be 1
        }

        It 'that only the state file calls ours is named with its credentials' {
            $tenant.Owners['f-1'] = @($tenant.Account)
            $foreign.PasswordCredentials[0] | Add-Member KeyId 'k'
            $script = Write-Script
            $records = @(
                @{ Of = 'f0000002-0000-0000-0000-000000000000'; What = 'registered'; Old = 1; Name = 'TLS Uplift' }
                @{ Of = 'f0000002-0000-0000-0000-000000000000'; What = 'secret k'; Old = $null; Name = 'TLS Uplift' }
            )
            ConvertTo-Json @{ Tenant = $tenant.Id; Records = $records } -Depth 4 | Set-Content (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json')
            $run = Start-Script $script @{ Part = 'Entra' }
            $run.Output | Should -BeLike "*Only *tls-uplift-tenant-state.json shows that an earlier run registered it.*"
            $run.Output | Should -BeLike "*Only *tls-uplift-tenant-state.json shows that an earlier run created its client secret 'his'*"
        }
    }

    Describe 'A renewed certificate' {
        It 'leaves the certificate that another site adds between two tries' {
            $null = Start-Entra (Write-Script)
            $key = [pscustomobject]@{ DisplayName = 'TLS Uplift at branch'; Key = [byte[]](7, 7); EndDateTime = [DateTime]'2027-01-01' }
            Set-Failure 'Update-MgApplication' -Times 1 -When { $tenant.Applications[0].KeyCredentials += $key; $true }.GetNewClosure()
            $run = Start-Entra (Write-Script -Certificate 'BAUG' -Known 'BAUG', 'AQID')
            $run.Exit | Should -Be 0 -Because $run.Output
            $tenant.Applications[0].KeyCredentials.DisplayName | Should -Be 'TLS Uplift AQID', 'TLS Uplift at branch', 'TLS Uplift BAUG'
        }

        It 'is added beside the one before it, which is no foreign credential' {
            $null = Start-Entra (Write-Script)
            $renewed = @{ Certificate = 'BAUG'; Known = 'BAUG', 'AQID' }
            $run = Start-Entra (Write-Script @renewed)
            $run.Last | Should -Be 'OK. 1 change made.'
            $tenant.Applications[0].KeyCredentials.DisplayName | Should -Be 'TLS Uplift AQID', 'TLS Uplift BAUG'
            (Start-Entra (Write-Script @renewed)).Last | Should -Be 'OK. Nothing is missing.'
            (Start-EntraUndo (Write-Script remove @renewed)).Exit | Should -Be 0
            $tenant.Applications.Count | Should -Be 0
        }

        It 'of another machine keeps its permissions, also if the tenant shows another name for it: <name>' -ForEach @(
            @{ Name = 'TLS Uplift BAUG' }, @{ Name = '' }, @{ Name = 'CN=TLS Uplift at branch' }
        ) {
            $tenant.Applications += [pscustomobject]@{ Id = 'o-1'; AppId = 'f0000001-0000-0000-0000-000000000000'; DisplayName = 'TLS Uplift'; Notes = ''; KeyCredentials = @(); PasswordCredentials = @(); RequiredResourceAccess = @(); PublicClient = $null; IsFallbackPublicClient = $false }
            $script = @{ Protocols = 'imap' }
            $null = Start-Entra (Write-Script @script) @{ ApplicationId = 'f0000001-0000-0000-0000-000000000000' }
            $grants = $tenant.AppRoleAssignments.Count
            $grants | Should -Be 1
            $tenant.Applications[0].KeyCredentials += [pscustomobject]@{ DisplayName = $Name; Key = [byte[]](4, 5, 6); EndDateTime = [DateTime]'2030-01-01' }
            $run = Start-EntraUndo (Write-Script remove @script) @{ ApplicationId = 'f0000001-0000-0000-0000-000000000000' }
            $run.Output | Should -BeLike '*its permissions stay*'
            $tenant.AppRoleAssignments.Count | Should -Be $grants
        }

        It 'of another machine needs -AcceptOthers' {
            $null = Start-Entra (Write-Script)
            $other = Write-Script -Certificate 'BAUG'
            $id = $tenant.Applications[0].AppId
            (Start-Entra $other).Exit | Should -Be 1
            (Start-Entra $other @{ ApplicationId = $id }).Output | Should -BeLike "*certificate 'TLS Uplift AQID'*-AcceptOthers*"
            (Start-Entra $other @{ ApplicationId = $id; AcceptOthers = $true }).Exit | Should -Be 0
        }
    }

    Describe 'The administrator who registered the application' {
        It 'may own it' {
            $null = Start-Entra (Write-Script)
            $tenant.Owners[$tenant.Applications[0].Id] = @($tenant.Account)
            (Start-Entra (Write-Script)).Last | Should -Be 'OK. Nothing is missing.'
        }
    }

    Describe 'Rights' {
        It 'for SMTP are a role for the members of a group, and nothing else' {
            $run = Start-Setup (Write-Script)
            $tenant.AppRoleAssignments | Should -BeNullOrEmpty
            $tenant.Applications[0].RequiredResourceAccess | Should -BeNullOrEmpty
            $tenant.MailboxPermissions | Should -BeNullOrEmpty
            $tenant.RecipientPermissions | Should -BeNullOrEmpty
            $tenant.Connections[0].Scopes | Should -Be 'Application.ReadWrite.All'
            $tenant.RoleAssignments.Count | Should -Be 1
            $tenant.RoleAssignments[0].Role | Should -Be 'Application SMTP.SendAsApp'
            $tenant.RoleAssignments[0].App | Should -Be (Read-Ids).ObjectId
            $tenant.RoleAssignments[0].CustomResourceScope | Should -Be 'TLS Uplift SMTP'
            $tenant.Scopes[0].RecipientFilter | Should -Be "MemberOfGroup -eq '$($tenant.Groups[0].DistinguishedName)'"
            $tenant.GroupMembers[$tenant.Groups[0].Guid] | Should -Be $tenant.Mailboxes[0].Guid
            $run.Output | Should -BeLike '*scanner@contoso.com: role Application SMTP.SendAsApp, in scope: True*'
        }

        It 'for IMAP and POP3 are the permissions of these protocols' {
            $null = Start-Setup (Write-Script -Protocols imap, pop3)
            $tenant.AppRoleAssignments.Count | Should -Be 2
            $tenant.MailboxPermissions.AccessRights | Should -Be 'FullAccess'
            $tenant.RecipientPermissions | Should -BeNullOrEmpty
            $tenant.RoleAssignments | Should -BeNullOrEmpty
        }

        It 'are those of the classic way where the tenant has no role for SMTP' {
            $tenant.Roles = @('Application Mail.Send')
            $file = Write-Script
            $null = Start-Entra $file
            # Not OK: the permission in Entra is missing.
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Last | Should -BeLike 'FAILED.*'
            $run.Output | Should -BeLike "*no role 'Application SMTP.SendAsApp'*classic way*-Part Entra -Classic -Apply*"
            $tenant.MailboxPermissions.Count | Should -Be 1
            $tenant.RecipientPermissions.Count | Should -Be 1
            (Start-Entra $file @{ Classic = $true }).Exit | Should -Be 0
            $tenant.AppRoleAssignments.Count | Should -Be 1
            (Start-Exchange $file @{ Classic = $true }).Last | Should -Be 'OK. Nothing is missing.'
        }

        It 'stay classic in a tenant that is classic' {
            $file = Write-Script
            $null = Start-Setup $file @{ Classic = $true } @{ Classic = $true }
            $run = Start-Entra $file
            $run.Last | Should -Be 'OK. Nothing is missing.'
            $run.Output | Should -BeLike '*-Part Exchange * -Classic -Apply*'
        }

        It 'for Graph are roles without FullAccess, SendAs or SMTP AUTH' {
            $null = Start-Setup (Write-Script) @{} @{ Graph = $true }
            $tenant.RoleAssignments.Role | Sort-Object | Should -Be 'Application Mail.ReadWrite', 'Application Mail.Send'
            $tenant.AppRoleAssignments | Should -BeNullOrEmpty
            $tenant.MailboxPermissions | Should -BeNullOrEmpty
            $tenant.RecipientPermissions | Should -BeNullOrEmpty
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -Be $null
        }

        It 'for Graph with -SentItems do not read mail' {
            $null = Start-Setup (Write-Script) @{} @{ Graph = $true; SentItems = $true }
            $tenant.RoleAssignments.Role | Should -Be 'Application Mail.Send'
        }

        It 'for Graph with a later -SentItems still read mail, which the run says' {
            $file = Write-Script
            $null = Start-Setup $file @{} @{ Graph = $true }
            $run = Start-Exchange $file @{ Graph = $true; SentItems = $true }
            $run.Output | Should -BeLike "*still may read and write mail*Remove-ManagementRoleAssignment -Identity 'TLS Uplift Draft'*"
        }

        It 'need a consent if roles of the tenant were never changed' {
            $tenant.IsDehydrated = $true
            $file = Write-Script
            $null = Start-Entra $file
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*Enable-OrganizationCustomization*cannot be undone*-EnableCustomization*'
            $tenant.IsDehydrated | Should -BeTrue
            (Start-Exchange $file @{ EnableCustomization = $true }).Exit | Should -Be 0
            $tenant.IsDehydrated | Should -BeFalse
        }
    }

    Describe 'Two sites, one after the other' {
        It 'keep each other''s mailboxes in the scope: <exchange>' -ForEach @(@{ Exchange = @{} }, @{ Exchange = @{ Graph = $true } }) {
            Add-TenantMailbox 'site-b@contoso.com'
            $a = Write-Script
            $null = Start-Setup $a @{} $Exchange
            $b = Write-Script -Site b -Mailboxes 'site-b@contoso.com' -Certificate 'BAUG'
            (Start-Entra $b).Exit | Should -Be 1
            $null = Start-Setup $b @{ ApplicationId = (Read-Ids).ApplicationId; AcceptOthers = $true } $Exchange
            $tenant.Applications.Count | Should -Be 1
            $tenant.Applications[0].KeyCredentials.Count | Should -Be 2
            $tenant.GroupMembers[$tenant.Groups[0].Guid].Count | Should -Be 2
            # The undo of one site leaves the other one connected.
            $undo = Start-Exchange (Write-Script remove -Site b -Mailboxes 'site-b@contoso.com')
            $undo.Exit | Should -Be 0 -Because $undo.Output
            $tenant.GroupMembers[$tenant.Groups[0].Guid] | Should -Be $tenant.Mailboxes[0].Guid
            $tenant.RoleAssignments | Should -Not -BeNullOrEmpty
            $tenant.ExchangePrincipals.Count | Should -Be 1
        }

        It 'keep the mailboxes of a scope that an earlier version made' {
            $tenant.Scopes += [pscustomobject]@{ Name = 'TLS Uplift Graph'; RecipientFilter = "PrimarySmtpAddress -eq 'old@contoso.com'" }
            $tenant.Scopes += [pscustomobject]@{ Name = 'Other'; RecipientFilter = 'x' }
            $null = Start-Setup (Write-Script) @{} @{ Graph = $true; AcceptOthers = $true }
            $tenant.Scopes[0].RecipientFilter | Should -Be "(PrimarySmtpAddress -eq 'old@contoso.com') -or (MemberOfGroup -eq '$($tenant.Groups[0].DistinguishedName)')"
            $tenant.Scopes[1].RecipientFilter | Should -Be 'x'
        }

        It 'keep what another site adds to the scope between two tries' {
            $scope = [pscustomobject]@{ Name = 'TLS Uplift Graph'; RecipientFilter = 'old' }
            $tenant.Scopes += $scope
            Set-Failure 'Set-ManagementScope' -Times 1 -When { $scope.RecipientFilter = '(old) -or (late)'; $true }.GetNewClosure()
            $null = Start-Setup (Write-Script) @{} @{ Graph = $true; AcceptOthers = $true }
            $filter = "((old) -or (late)) -or (MemberOfGroup -eq '$($tenant.Groups[0].DistinguishedName)')"
            $scope.RecipientFilter | Should -Be $filter
            # The reply to a try that succeeded is lost.
            $scope.RecipientFilter = 'old'
            $tenant.Failures.Clear()
            Set-Failure 'Set-ManagementScope' -Times 1 -When { param($p) $scope.RecipientFilter = $p.RecipientRestrictionFilter; $true }.GetNewClosure()
            $null = Start-Setup (Write-Script) @{} @{ Graph = $true; AcceptOthers = $true }
            $scope.RecipientFilter | Should -Be $filter.Replace('((old) -or (late))', '(old)')
        }
    }

    Describe 'Wrong IDs' {
        It 'do not remove the service principal that works' {
            $file = Write-Script
            $null = Start-Setup $file
            Remove-Item (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json')
            $before = Get-TenantState
            $run = Start-Exchange $file @{ ObjectId = '99999999-0000-0000-0000-000000000000' }
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*99999999*-ReplaceServicePrincipal*'
            Get-TenantState | Should -Be $before
        }

        It 'are replaced on request' {
            $file = Write-Script
            $null = Start-Entra $file
            $tenant.ExchangePrincipals = @([pscustomobject]@{ AppId = (Read-Ids).ApplicationId; ObjectId = 'wrong'; DisplayName = 'x' })
            (Start-Exchange $file).Exit | Should -Be 1
            (Start-Exchange $file @{ ReplaceServicePrincipal = $true }).Exit | Should -Be 0
            $tenant.ExchangePrincipals.ObjectId | Should -Be (Read-Ids).ObjectId
        }

        It 'that got a role are followed by the command that takes it back' {
            $file = Write-Script
            $null = Start-Entra $file
            $right = (Read-Ids).ObjectId
            # On another computer, without the state file of the part Entra.
            Remove-Item (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json')
            (Start-Exchange $file @{ ObjectId = '99999999-0000-0000-0000-000000000000' }).Exit | Should -Be 0
            $run = Start-Exchange $file @{ ReplaceServicePrincipal = $true }
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike "*no longer exists*Remove-ManagementRoleAssignment -Identity 'TLS Uplift SMTP'*"
            $tenant.RoleAssignments = @()
            (Start-Exchange $file @{ ReplaceServicePrincipal = $true }).Exit | Should -Be 0
            $tenant.RoleAssignments.App | Should -Be $right
        }

        It 'of another tenant stop both parts before a change: <part>' -ForEach @(@{ Part = 'Entra' }, @{ Part = 'Exchange' }) {
            $file = Write-Script
            $null = Start-Entra $file
            $ids = Read-Ids
            $tenant.Id = 'bbbbbbbb-1111-2222-3333-444444444444'
            $before = Get-TenantState
            $run = Start-Script $file ($ids + @{ Part = $Part; Apply = $true })
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*signed in to the tenant bbbbbbbb-*'
            Get-TenantState | Should -Be $before
            $tenant.Connected | Should -BeNullOrEmpty
        }

        It 'of the tenant are needed by the second part' {
            (Start-Script (Write-Script) @{ Part = 'Exchange'; ApplicationId = 'f0000001-0000-0000-0000-000000000000'; ObjectId = 'f0000002-0000-0000-0000-000000000000' }).Output | Should -BeLike '*Give -TenantId*'
        }

        It 'of another object stop the part Exchange before its first change, if the part Entra ran here: <kind>' -ForEach @(@{ Kind = 'setup' }, @{ Kind = 'remove' }) {
            $file = Write-Script
            if ($Kind -eq 'setup') { $null = Start-Entra $file } else { $null = Start-Setup $file; $tenant.ExchangePrincipals = @() }
            $before = Get-TenantState
            # The last one of the line, which is that of the registration.
            $run = Start-Exchange (Write-Script $Kind) @{ ObjectId = $tenant.Applications[0].Id }
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike "*has the object ID $((Read-Ids).ObjectId), and -ObjectId is $($tenant.Applications[0].Id). Run tls-uplift-tenant-setup.ps1 -Part Entra again: it prints the right one.*"
            Get-TenantState | Should -Be $before
        }

        It 'that are no IDs are refused before the sign-in: <kind> <part> <option>' -ForEach @(
            foreach ($kind in 'setup', 'remove') { foreach ($part in 'Entra', 'Exchange') { foreach ($option in 'ApplicationId', 'ObjectId', 'TenantId') { @{ Kind = $kind; Part = $part; Option = $option } } } }
        ) {
            $ids = @{ ApplicationId = 'f0000001-0000-0000-0000-000000000000'; ObjectId = 'f0000002-0000-0000-0000-000000000000'; TenantId = $tenant.Id }
            $ids[$Option] = "x' or displayName eq 'Payroll"
            $run = Start-Script (Write-Script $Kind) (Join-Options $ids @{ Part = $Part })
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike "*Give -$Option as*not 'x' or*"
            $tenant.Connections | Should -BeNullOrEmpty
        }
    }

    Describe 'Sign-in' {
        It 'lasts no longer than the run, for this window only' {
            $null = Start-Setup (Write-Script)
            $tenant.Connected | Should -BeNullOrEmpty
            $tenant.Connections[0].ContextScope | Should -Be 'Process'
        }

        It 'has a way for servers, partners and China' {
            $file = Write-Script
            $null = Start-Entra $file @{ DeviceCode = $true; GraphClientId = 'own-client' }
            $tenant.Connections[-1].UseDeviceCode | Should -BeTrue
            $tenant.Connections[-1].ClientId | Should -Be 'own-client'
            $run = Start-Exchange $file @{ DeviceCode = $true; DisableWAM = $true; UserPrincipalName = 'gdap@partner.example'; DelegatedOrganization = 'contoso.onmicrosoft.com' }
            $run.Exit | Should -Be 0 -Because $run.Output
            $tenant.Connections[-1].Device | Should -BeTrue
            $tenant.Connections[-1].DisableWAM | Should -BeTrue
            $tenant.Connections[-1].UserPrincipalName | Should -Be 'gdap@partner.example'
            (Start-Exchange $file @{ DelegatedOrganization = 'fabrikam.onmicrosoft.com' }).Exit | Should -Be 1
        }
    }

    Describe 'A client secret' {
        It 'is written to a file for its owner alone, and not to the window' {
            $run = Start-Entra (Write-Script -Certificate '' -Secret $true)
            $run.Exit | Should -Be 0 -Because $run.Output
            $run.Output | Should -Not -BeLike '*S3cret~Text*'
            $file = Join-Path $TestDrive 'a/tls-uplift-client-secret.txt'
            Get-Content -Raw $file | Should -Be 'S3cret~Text'
            if (-not $IsWindows) { (Get-Item $file).UnixFileMode | Should -Be 'UserWrite, UserRead' }
        }

        It 'does not follow a link that somebody put in its place' -Skip:$IsWindows {
            $file = Join-Path $TestDrive 'a/tls-uplift-client-secret.txt'
            $other = Join-Path $TestDrive 'other.txt'
            $script = Write-Script -Certificate '' -Secret $true
            Set-Content $other '' -NoNewline
            $null = New-Item -ItemType SymbolicLink -Path $file -Target $other
            $run = Start-Entra $script
            $run.Exit | Should -Be 0 -Because $run.Output
            (Get-Item $other).Length | Should -Be 0
            (Get-Item $file).LinkType | Should -BeNullOrEmpty
            Get-Content -Raw $file | Should -Be 'S3cret~Text'
        }
    }

    Describe 'Users who sign in themselves' {
        It 'get a public client, and no right for a mailbox' {
            $null = Start-Setup (Write-Script -Flow device-code -Certificate '') @{} @{}
            $tenant.Applications[0].IsFallbackPublicClient | Should -BeTrue
            $tenant.Applications[0].PublicClient.RedirectUris | Should -Be 'http://localhost'
            $tenant.ExchangePrincipals | Should -BeNullOrEmpty
            $tenant.MailboxPermissions | Should -BeNullOrEmpty
        }
    }

    Describe 'Undo' {
        It 'brings back the tenant as it was: <protocols> <exchange>' -ForEach @(
            @{ Protocols = @('smtp'); Entra = @{}; Exchange = @{} }
            @{ Protocols = @('smtp', 'imap', 'pop3'); Entra = @{}; Exchange = @{} }
            @{ Protocols = @('smtp'); Entra = @{ Classic = $true }; Exchange = @{ Classic = $true } }
            @{ Protocols = @('smtp'); Entra = @{}; Exchange = @{ Graph = $true } }
        ) {
            Add-TenantMailbox 'off@contoso.com' -SmtpAuthOff $true -Pop $true
            Add-TenantMailbox 'on@contoso.com' -SmtpAuthOff $false -Imap $true
            $all = 'scanner@contoso.com', 'off@contoso.com', 'on@contoso.com'
            $before = Get-TenantState
            $setup = Write-Script -Protocols $Protocols -Mailboxes $all
            $null = Start-Setup $setup $Entra $Exchange
            $null = Start-Setup $setup $Entra $Exchange
            $remove = Write-Script remove -Protocols $Protocols -Mailboxes $all
            $ids = Read-Ids
            $middle = Get-TenantState
            (Start-Exchange $remove @{ Apply = $false }).Last | Should -BeLike 'OK. * changes to make. *'
            Get-TenantState | Should -Be $middle
            $run = Start-Exchange $remove @{ RemoveServicePrincipal = $true }
            $run.Exit | Should -Be 0 -Because $run.Output
            $run = Start-Script $remove @{ Part = 'Entra'; Apply = $true; ApplicationId = $ids.ApplicationId }
            $run.Exit | Should -Be 0 -Because $run.Output
            Get-TenantState | Should -Be $before
            # Nothing is left to restore a second time.
            Test-Path (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json') | Should -BeFalse
            (Start-Exchange $remove $ids).Output | Should -BeLike '*no service principal*nothing is left to do*'
            Get-TenantState | Should -Be $before
        }

        It 'fails visibly and signs out: <cmdlet>' -ForEach @('Set-CASMailbox', 'Get-ServicePrincipal', 'Remove-ManagementScope', 'Remove-MgApplication' | ForEach-Object { @{ Cmdlet = $_ } }) {
            $null = Start-Setup (Write-Script)
            $remove = Write-Script remove
            $ids = Read-Ids
            Set-Failure $Cmdlet 'Service unavailable (503)'
            $run = Start-Exchange $remove
            if ($run.Exit -eq 0) { $run = Start-Script $remove @{ Part = 'Entra'; Apply = $true; ApplicationId = $ids.ApplicationId } }
            $run.Exit | Should -Be 1
            $run.Last | Should -BeLike 'FAILED.*'
            $tenant.Connected | Should -BeNullOrEmpty
        }

        It 'leaves SMTP AUTH, IMAP and POP3 on without a state file, and says so' {
            $null = Start-Setup (Write-Script -Protocols smtp, imap, pop3)
            Remove-Item (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json')
            $run = Start-Exchange (Write-Script remove -Protocols smtp, imap, pop3)
            foreach ($title in 'SMTP AUTH', 'IMAP', 'POP3') { $run.Output | Should -BeLike "*scanner@contoso.com: $title stays on*" }
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -BeFalse
            $tenant.Mailboxes[0].ImapEnabled | Should -BeTrue
        }

        It 'leaves FullAccess that the application had before set-up, and removes it on request' {
            $null = Start-Setup (Write-Script -Protocols imap)
            # As if an administrator had given it: the state file does not have it.
            Remove-Item (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json')
            $remove = Write-Script remove -Protocols imap
            $run = Start-Exchange $remove
            $run.Exit | Should -Be 0 -Because $run.Output
            $run.Output | Should -BeLike '*scanner@contoso.com: FullAccess of the application stays*-Unrecorded*'
            $tenant.MailboxPermissions.Count | Should -Be 1
            $null = Start-Exchange $remove @{ Unrecorded = $true }
            $tenant.MailboxPermissions.Count | Should -Be 0
        }

        It 'says so if Exchange Online does not show a permission that set-up gave: <right>' -ForEach @(@{ Right = 'FullAccess'; Of = 'MailboxPermissions' }, @{ Right = 'SendAs'; Of = 'RecipientPermissions' }) {
            $classic = @{ Classic = $true }
            $null = Start-Setup (Write-Script) $classic $classic
            $tenant[$Of] = @()
            $run = Start-Exchange (Write-Script remove)
            $run.Exit | Should -Be 0 -Because $run.Output
            $run.Output | Should -BeLike "*unchanged:     scanner@contoso.com: Exchange Online does not show the $Right that set-up gave the application*"
            $run.Output | Should -Not -BeLike "*remove $Right*"
        }

        It 'does not remove an application that gets another certificate meanwhile' {
            $null = Start-Entra (Write-Script)
            $key = [pscustomobject]@{ DisplayName = 'TLS Uplift at branch'; Key = [byte[]](7, 7); EndDateTime = [DateTime]'2027-01-01' }
            Set-Failure 'Get-MgApplicationOwner' -When { $tenant.Applications[0].KeyCredentials += $key; $false }.GetNewClosure()
            $run = Start-EntraUndo (Write-Script remove)
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*another certificate*Run the same command again*'
            $tenant.Applications.Count | Should -Be 1
        }

        It 'completes if the enterprise application is gone' {
            $adopted = [pscustomobject]@{
                Id = 'f-1'; AppId = 'f0000002-0000-0000-0000-000000000000'; DisplayName = 'TLS Uplift'; RequiredResourceAccess = @(); IsFallbackPublicClient = $false; Notes = ''
                KeyCredentials = @(); PasswordCredentials = @(); PublicClient = $null
            }
            $tenant.Applications += $adopted
            $null = Start-Entra (Write-Script -Protocols imap) @{ ApplicationId = $adopted.AppId }
            $tenant.Principals = @($tenant.Principals | Where-Object { $_.AppId -ne $adopted.AppId })
            Set-Failure 'Get-MgServicePrincipalAppRoleAssignment' 'Cannot bind argument to parameter' -When { param($p) -not $p.ServicePrincipalId }
            $run = Start-Script (Write-Script remove -Protocols imap) @{ Part = 'Entra'; Apply = $true; ApplicationId = $adopted.AppId }
            $run.Exit | Should -Be 0 -Because $run.Output
            Test-Path (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json') | Should -BeFalse
        }

        It 'fails if the tenant has no such application: <part>' -ForEach @(@{ Part = 'Exchange' }, @{ Part = 'Entra' }) {
            $null = Start-Setup (Write-Script)
            $before = $tenant.Applications, $tenant.Groups, $tenant.RoleAssignments, $tenant.GroupMembers | ConvertTo-Json -Depth 6
            $run = Start-Script (Write-Script remove) (Join-Options (Read-Ids) @{ Part = $Part; ApplicationId = '99999999-0000-0000-0000-000000000000'; ObjectId = '88888888-0000-0000-0000-000000000000' })
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*99999999-*'
            $run.Output | Should -BeLike '*has no *application*'
            $tenant.Applications, $tenant.Groups, $tenant.RoleAssignments, $tenant.GroupMembers | ConvertTo-Json -Depth 6 | Should -Be $before
        }
    }

    Describe 'The state file' {
        BeforeEach { $stateFile = Join-Path $TestDrive 'a/tls-uplift-tenant-state.json' }

        It 'that cannot be written stops set-up before its first change: <part>' -ForEach @(@{ Part = 'Entra' }, @{ Part = 'Exchange' }) {
            $file = Write-Script
            $null = Start-Entra $file
            if ($Part -eq 'Entra') { $tenant.Applications = @() }
            $before = Get-TenantState
            $ids = if ($Part -eq 'Exchange') { Read-Ids } else { @{} }
            $run = Start-Script $file (Join-Options $ids @{ Part = $Part; StateFile = (Join-Path $TestDrive 'none/state.json') })
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*cannot be written*-StateFile*'
            Get-TenantState | Should -Be $before
        }

        It 'that cannot be written stops undo before its first change: <part>' -ForEach @(@{ Part = 'Entra' }, @{ Part = 'Exchange' }) {
            $null = Start-Setup (Write-Script -Protocols imap) -Entra @{} -Exchange @{}
            $before = Get-TenantState
            $remove = Write-Script remove -Protocols imap
            $ids = Read-Ids
            $null = New-Item -ItemType Directory -Path "$stateFile.new"
            $run = Start-Script $remove (Join-Options $ids @{ Part = $Part })
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*cannot be written*Copy it to a folder that you may write to, and give -StateFile*'
            Get-TenantState | Should -Be $before
            # Without -Apply, undo writes no file.
            (Start-Script $remove (Join-Options $ids @{ Part = $Part; Apply = $false })).Exit | Should -Be 0
            # The copy of the file in another folder.
            $copy = Join-Path $TestDrive 'tls-uplift-copy.json'
            Copy-Item $stateFile $copy
            (Start-Script $remove (Join-Options $ids @{ Part = $Part; StateFile = $copy })).Exit | Should -Be 0
        }

        It 'of mailboxes that undo does not list is no clean end' {
            Add-TenantMailbox 'old@contoso.com'
            $null = Start-Setup (Write-Script -Mailboxes 'scanner@contoso.com', 'old@contoso.com')
            $run = Start-Exchange (Write-Script remove)
            $run.Exit | Should -Be 0 -Because $run.Output
            $run.Output | Should -BeLike '*does not list stay as set-up left them (1): old@contoso.com. *add them to the list*'
            $run.Last | Should -BeLike 'OK. *But mailboxes that this script does not list stay as set-up left them: 1 in *tls-uplift-tenant-state.json.'
            $run = Start-Exchange (Write-Script remove -Mailboxes 'scanner@contoso.com', 'old@contoso.com')
            $run.Last | Should -Not -BeLike '*But*'
        }

        It 'has only the settings that set-up changed' {
            $tenant.Mailboxes[0].ImapEnabled = $true
            $null = Start-Setup (Write-Script -Protocols smtp, imap)
            $tenant.Mailboxes[0].ImapEnabled = $false
            $null = Start-Exchange (Write-Script remove -Protocols smtp, imap)
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -Be $null
            # Set-up did not switch it on, and an administrator switched it off.
            $tenant.Mailboxes[0].ImapEnabled | Should -BeFalse
        }

        It 'does not reopen what somebody closed after set-up' {
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled = $null
            $null = Start-Setup (Write-Script)
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled = $true
            $run = Start-Exchange (Write-Script remove)
            $run.Exit | Should -Be 0 -Because $run.Output
            $run.Output | Should -BeLike '*Somebody changed it after set-up*'
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -BeTrue
        }

        It 'has the latest value from before a change' {
            $null = Start-Setup (Write-Script)
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled = $true
            $null = Start-Exchange (Write-Script)
            $null = Start-Exchange (Write-Script remove)
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -BeTrue
        }

        It 'of another tenant is refused: <kind>' -ForEach @(@{ Kind = 'setup' }, @{ Kind = 'remove' }) {
            $null = Start-Setup (Write-Script)
            $old = Get-Content -Raw $stateFile
            $tenant.Id = 'bbbbbbbb-1111-2222-3333-444444444444'
            $before = Get-TenantState
            $run = Start-Exchange (Write-Script $Kind)
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*for the tenant*aaaaaaaa-*Move the file away*'
            Get-TenantState | Should -Be $before
            Get-Content -Raw $stateFile | Should -Be $old
        }

        It 'knows a mailbox by each of its addresses' {
            $tenant.Mailboxes[0].EmailAddresses = @('scanner@contoso.com', 'alias@contoso.com')
            $null = Start-Setup (Write-Script -Mailboxes 'Alias@contoso.com')
            $null = Start-Exchange (Write-Script remove)
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -Be $null
        }

        It 'restores a value once' {
            $null = Start-Setup (Write-Script)
            $remove = Write-Script remove
            $null = Start-Exchange $remove
            @((Get-Content -Raw $stateFile | ConvertFrom-Json).Records).What | Should -Be 'enterprise application'
            # An administrator switches it on afterwards.
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled = $false
            $null = Start-Exchange $remove
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -BeFalse
        }

        It 'keeps what -KeepSmtpAuth left' {
            $null = Start-Setup (Write-Script)
            $remove = Write-Script remove
            $null = Start-Exchange $remove @{ KeepSmtpAuth = $true }
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -BeFalse
            $null = Start-Exchange $remove
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -Be $null
        }
    }

    Describe 'A state file of two sites with different names' {
        BeforeEach {
            $stateFile = Join-Path $TestDrive 'a/tls-uplift-tenant-state.json'
            Add-TenantMailbox 'b@contoso.com'
            $of = @{ a = 'scanner@contoso.com'; b = 'b@contoso.com' }
            function Find-Ids {
                param([string]$Site)
                $application = $tenant.Applications | Where-Object { $_.DisplayName -eq "TLS Uplift $Site" }
                @{ TenantId = $tenant.Id; ApplicationId = $application.AppId; ObjectId = ($tenant.Principals | Where-Object { $_.AppId -eq $application.AppId }).Id; StateFile = $stateFile; Apply = $true; Part = 'Exchange' }
            }
            function Start-Site {
                param([string]$Site, [string]$Kind = 'setup', [string[]]$Mailboxes = $of[$Site])
                $file = Write-Script $Kind -Site $Site -Name "TLS Uplift $Site" -Mailboxes $Mailboxes -Protocols smtp, imap -Certificate @{ a = 'AQID'; b = 'BAUG' }[$Site]
                if ($Kind -eq 'setup') { (Start-Script $file @{ Part = 'Entra'; Apply = $true; StateFile = $stateFile }).Exit | Should -Be 0 }
                $run = Start-Script $file (Find-Ids $Site)
                $run.Exit | Should -Be 0 -Because $run.Output
                $run
            }
            function Get-Members { param([string]$Site) $guids = $tenant.GroupMembers[($tenant.Groups | Where-Object { $_.Name -eq "TLS Uplift $Site SMTP" }).Guid]; @($tenant.Mailboxes | Where-Object { $guids -contains $_.Guid }).Name }
        }

        It 'keeps what the other site has, which undo names with the script that takes it back: first <first>' -ForEach @(@{ First = 'a'; Second = 'b' }, @{ First = 'b'; Second = 'a' }) {
            $before = Get-TenantState
            $null = Start-Site a
            $null = Start-Site b
            $run = Start-Site $First remove
            $run.Output | Should -Not -BeLike '*add them to the list*'
            $run.Output | Should -BeLike "*of the site 'TLS Uplift $Second' stay as set-up left them (1): $($of[$Second]). *tls-uplift-tenant-remove.ps1 of the name TLS Uplift $Second with this -StateFile: *tls-uplift-tenant-state.json.*tls-uplift tenant setup --name*"
            $run.Last | Should -BeLike "OK. *But mailboxes of the site 'TLS Uplift $Second' stay as set-up left them: 1 in *tls-uplift-tenant-state.json."
            $mailbox = $tenant.Mailboxes | Where-Object { $_.Name -eq $of[$Second] }
            $mailbox.SmtpClientAuthenticationDisabled | Should -BeFalse
            $mailbox.ImapEnabled | Should -BeTrue
            $tenant.MailboxPermissions.Mailbox | Should -Be $mailbox.Guid
            Get-Members $Second | Should -Be $of[$Second]
            # The other site removes its own.
            $run = Start-Site $Second remove
            $run.Last | Should -Not -BeLike '*But*'
            $tenant.Groups | Should -BeNullOrEmpty
            $tenant.MailboxPermissions | Should -BeNullOrEmpty
            $tenant.Mailboxes | ForEach-Object { $_.SmtpClientAuthenticationDisabled | Should -Be $null; $_.ImapEnabled | Should -BeFalse }
            @((Get-Content -Raw $stateFile -ErrorAction SilentlyContinue | ConvertFrom-Json).Records | Where-Object { $_.What -match '^(member|FullAccess|SendAs) |Enabled|Disabled' }) | Should -BeNullOrEmpty
        }

        It 'restores a mailbox of both when the last site leaves it' {
            $null = Start-Site a
            $null = Start-Site b -Mailboxes 'scanner@contoso.com', 'b@contoso.com'
            $run = Start-Site a remove
            $run.Output | Should -BeLike "*unchanged:     scanner@contoso.com: its protocols and its sign-in stay, because the site 'TLS Uplift b' uses it too*"
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -BeFalse
            $tenant.Mailboxes[0].ImapEnabled | Should -BeTrue
            Get-Members b | Should -Be 'scanner@contoso.com', 'b@contoso.com'
            $tenant.MailboxPermissions.Count | Should -Be 2
            $run = Start-Site b remove -Mailboxes 'scanner@contoso.com', 'b@contoso.com'
            $run.Last | Should -Not -BeLike '*But*'
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -Be $null
            $tenant.Mailboxes[0].ImapEnabled | Should -BeFalse
        }

        It 'forgets a group and an application that are gone' {
            $null = Start-Site a
            $null = Start-Site b
            $gone = Find-Ids b
            $tenant.Groups = @($tenant.Groups | Where-Object { $_.Name -notlike 'TLS Uplift b*' })
            $tenant.ExchangePrincipals = @($tenant.ExchangePrincipals | Where-Object { $_.ObjectId -ne $gone.ObjectId })
            $run = Start-Site a remove -Mailboxes 'scanner@contoso.com', 'b@contoso.com'
            $run.Last | Should -Not -BeLike '*But*'
            $tenant.Mailboxes[1].ImapEnabled | Should -BeFalse
            @((Get-Content -Raw $stateFile -ErrorAction SilentlyContinue | ConvertFrom-Json).Records | Where-Object { $_.What -match '^(member|FullAccess|SendAs) |Enabled|Disabled' }) | Should -BeNullOrEmpty
        }

        It 'forgets a mailbox that somebody took out of the group' {
            $null = Start-Site a -Mailboxes 'scanner@contoso.com', 'b@contoso.com'
            $group = $tenant.Groups[0].Guid
            $tenant.GroupMembers[$group] = @($tenant.Mailboxes[0].Guid)
            $null = Start-Site a remove -Mailboxes 'scanner@contoso.com', 'b@contoso.com'
            @((Get-Content -Raw $stateFile -ErrorAction SilentlyContinue | ConvertFrom-Json).Records | Where-Object { $_.What -like 'member *' }) | Should -BeNullOrEmpty
        }

        It 'keeps the authentication policy of the other site' {
            $null = Start-Site a
            $null = Start-Site b
            $state = Get-Content -Raw $stateFile | ConvertFrom-Json
            $tenant.Policies += [pscustomobject]@{ Name = 'TLS Uplift b NoPwd'; Guid = 'p-b'; DistinguishedName = 'CN=TLS Uplift b NoPwd' }
            $state.Records += [pscustomobject]@{ Of = 'p-b'; What = 'policy'; Old = $null; Name = 'TLS Uplift b NoPwd' }
            ConvertTo-Json $state -Depth 4 | Set-Content $stateFile
            $null = Start-Site a remove
            $tenant.Policies.Name | Should -Be 'TLS Uplift b NoPwd'
            $null = Start-Site b remove
            $tenant.Policies | Should -BeNullOrEmpty
        }
    }

    Describe 'Names that somebody else used' {
        It 'for a role assignment stop set-up, and undo leaves the assignment' {
            $file = Write-Script
            $null = Start-Entra $file
            $tenant.RoleAssignments += [pscustomobject]@{ Name = 'TLS Uplift SMTP'; Role = 'Application SMTP.SendAsApp'; App = 'foreign'; CustomResourceScope = 'All' }
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike "*role assignment TLS Uplift SMTP*not for this application*"
            $null = Start-Exchange (Write-Script remove)
            $tenant.RoleAssignments.App | Should -Be 'foreign'
        }

        It 'for a role assignment of this application do not hide that the scope is another' {
            $file = Write-Script
            $null = Start-Entra $file
            $tenant.RoleAssignments += [pscustomobject]@{ Name = 'TLS Uplift SMTP'; Role = 'Application SMTP.SendAsApp'; App = (Read-Ids).ObjectId; CustomResourceScope = 'All' }
            (Start-Exchange $file).Exit | Should -Be 1
            $tenant.RoleAssignments.CustomResourceScope | Should -Be 'All'
        }

        It 'for a service principal do not make its role ours' {
            $file = Write-Script
            $null = Start-Setup $file
            $tenant.ExchangePrincipals += [pscustomobject]@{ AppId = 'x'; ObjectId = 'foreign'; DisplayName = 'TLS Uplift'; Guid = 'g'; Sid = 's' }
            $tenant.RoleAssignments[0].App = 'foreign'
            (Start-Exchange $file).Exit | Should -Be 1
        }

        It 'for a group stop set-up before a change, and its members are listed: <because>' -ForEach @(
            @{ Because = 'without the note'; Notes = 'Payroll'; Type = 'MailUniversalSecurityGroup' }
            @{ Because = 'not a security group, which a user can make'; Notes = 'ours'; Type = 'MailUniversalDistributionGroup' }
        ) {
            Add-TenantMailbox 'boss@contoso.com'
            $file = Write-Script
            $null = Start-Entra $file
            $group = Add-Group 'TLS Uplift SMTP' 'boss@contoso.com' $(if ($Notes -eq 'ours') { "For TLS Uplift, application $((Read-Ids).ApplicationId)" } else { $Notes }) $Type
            $before = Get-TenantState
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*its member boss@contoso.com*-AcceptOthers*'
            Get-TenantState | Should -Be $before
            # The administrator agrees. Undo leaves the group and its member.
            (Start-Exchange $file @{ AcceptOthers = $true }).Exit | Should -Be 0
            $tenant.GroupMembers[$group.Guid].Count | Should -Be 2
            $undo = Start-Exchange (Write-Script remove)
            $undo.Exit | Should -Be 0 -Because $undo.Output
            $undo.Output | Should -BeLike "*Remove-ManagementRoleAssignment -Identity 'TLS Uplift SMTP'*"
            $tenant.GroupMembers[$group.Guid] | Should -Be $tenant.Mailboxes[1].Guid
        }

        It 'for a group with one of our mailboxes: undo leaves it a member' {
            $file = Write-Script
            $null = Start-Entra $file
            $group = Add-Group 'TLS Uplift SMTP' 'scanner@contoso.com' 'Payroll'
            (Start-Exchange $file @{ AcceptOthers = $true }).Exit | Should -Be 0
            $null = Start-Exchange (Write-Script remove)
            $tenant.GroupMembers[$group.Guid] | Should -Be $tenant.Mailboxes[0].Guid
        }

        It 'for a scope stop set-up, undo does not remove it: <filter>' -ForEach @(
            @{ Filter = "RecipientTypeDetails -eq 'UserMailbox'" }
            @{ Filter = "(MemberOfGroup -eq 'DN') -or (RecipientTypeDetails -eq 'UserMailbox')" }
            @{ Filter = "MemberOfGroup -ne 'DN'" }
        ) {
            $file = Write-Script
            $null = Start-Setup $file
            $tenant.Scopes[0].RecipientFilter = $Filter.Replace('DN', $tenant.Groups[0].DistinguishedName)
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike "*management scope TLS Uplift SMTP, with the mailboxes: $($tenant.Scopes[0].RecipientFilter)*"
            $null = Start-Exchange (Write-Script remove)
            $tenant.Scopes.Count | Should -Be 1
        }

        It 'for a scope in other brackets are the same' {
            $file = Write-Script
            $null = Start-Setup $file
            $tenant.Scopes[0].RecipientFilter = "((MemberOfGroup -eq '$($tenant.Groups[0].DistinguishedName.ToUpper())'))"
            (Start-Exchange $file).Last | Should -Be 'OK. Nothing is missing.'
        }
    }

    Describe 'The service principal' {
        It 'is recognised however Exchange Online prints it: <as>, filter: <filters>' -ForEach @(
            foreach ($filters in $true, $false) {
                @{ As = 'object ID'; Filters = $filters; Prints = { param($one) $one.ObjectId } }
                @{ As = 'application ID'; Filters = $filters; Prints = { param($one) $one.AppId } }
                @{ As = 'display name'; Filters = $filters; Prints = { param($one) $one.DisplayName } }
                @{ As = 'server\GUID'; Filters = $filters; Prints = { param($one) "NAMPR01A001\$($one.Guid)" } }
                @{ As = 'SID'; Filters = $filters; Prints = { param($one) $one.Sid } }
            }
            @{ As = 'an unknown name'; Filters = $true; Prints = { param($one) 'S-1-5-21-unknown' } }
        ) {
            $tenant.PrintsPrincipal = $Prints
            $tenant.FiltersPermissions = $Filters
            $file = Write-Script
            $classic = @{ Classic = $true }
            $null = Start-Setup $file $classic $classic
            (Start-Exchange $file $classic).Last | Should -Be 'OK. Nothing is missing.'
            $null = Start-Exchange (Write-Script remove)
            $tenant.MailboxPermissions.Count + $tenant.RecipientPermissions.Count | Should -Be 0
        }

        It 'does not take the entry of another user for its own' {
            $tenant.FiltersPermissions = $false
            $tenant.MailboxPermissions = @([pscustomobject]@{ Mailbox = $tenant.Mailboxes[0].Guid; User = 'boss@contoso.com'; AccessRights = @('FullAccess') })
            $null = Start-Setup (Write-Script -Protocols imap)
            $tenant.MailboxPermissions.Count | Should -Be 2
        }

        It 'stays at the undo of one site of two: <protocols> <options>' -ForEach @(
            @{ Protocols = @('imap'); Options = @{} }
            @{ Protocols = @('smtp'); Options = @{ Classic = $true } }
        ) {
            Add-TenantMailbox 'site-b@contoso.com'
            $null = Start-Setup (Write-Script -Protocols $Protocols) $Options $Options
            $b = Write-Script -Site b -Mailboxes 'site-b@contoso.com' -Certificate 'BAUG' -Protocols $Protocols
            $null = Start-Setup $b ($Options + @{ ApplicationId = (Read-Ids).ApplicationId; AcceptOthers = $true }) $Options
            $remove = Write-Script remove -Site b -Mailboxes 'site-b@contoso.com' -Certificate 'BAUG' -Protocols $Protocols
            $undo = Start-Exchange $remove
            $undo.Exit | Should -Be 0 -Because $undo.Output
            $undo.Output | Should -BeLike '*service principal*stays*-RemoveServicePrincipal*'
            $tenant.ExchangePrincipals.Count | Should -Be 1
            $tenant.MailboxPermissions.Mailbox | Should -Be $tenant.Mailboxes[0].Guid
            # The part Entra takes the certificate of this site, and leaves the application and its permission.
            $undo = Start-EntraUndo $remove
            $undo.Exit | Should -Be 0 -Because $undo.Output
            $tenant.Applications[0].KeyCredentials.DisplayName | Should -Be 'TLS Uplift AQID'
            $tenant.AppRoleAssignments.Count | Should -Be 1
        }

        It 'is not removed while Exchange Online shows a use: <classic>' -ForEach @(@{ Classic = @{} }, @{ Classic = @{ Classic = $true } }) {
            Add-TenantMailbox 'site-b@contoso.com'
            $null = Start-Setup (Write-Script -Mailboxes 'scanner@contoso.com', 'site-b@contoso.com') $Classic $Classic
            $run = Start-Exchange (Write-Script remove) @{ RemoveServicePrincipal = $true }
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*still has: *'
            $tenant.ExchangePrincipals.Count | Should -Be 1
        }
    }

    Describe '-ClosePasswords' {
        BeforeAll { function global:Read-Host { Add-Sleep; $global:StandInAnswer } }
        AfterAll {
            Remove-Item function:global:Read-Host
            Remove-Variable StandInAnswer -Scope Global -ErrorAction SilentlyContinue
        }
        BeforeEach {
            $global:StandInAnswer = 'close'
            $foreign = [pscustomobject]@{ Name = 'Old'; Guid = 'p-1'; DistinguishedName = 'CN=Old,CN=Auth Policies' }
            $tenant.Policies += $foreign
            Add-TenantMailbox 'shared@contoso.com' -Kind SharedMailbox -Policy $foreign
            Add-TenantMailbox $tenant.Account
            $all = 'scanner@contoso.com', 'shared@contoso.com', $tenant.Account
            $close = @{ ClosePasswords = $true }
            $user, $shared, $own = $tenant.Mailboxes
            function Find-Policy { $tenant.Policies | Where-Object { $_.Name -eq 'TLS Uplift NoPwd' } }
        }

        It 'is needed to close any password' {
            $null = Start-Setup (Write-Script -Mailboxes $all)
            $tenant.Policies | Should -Be $foreign
            Get-Calls 'Set-User' | Should -BeNullOrEmpty
            Get-Calls 'Set-Mailbox' | Should -BeNullOrEmpty
        }

        It 'closes passwords after a list and a question, locks no person out, and changes nothing in a second run' {
            $before = Get-TenantState
            $file = Write-Script -Mailboxes $all
            $null = Start-Entra $file
            $middle = Get-TenantState
            $run = Start-Exchange $file @{ ClosePasswords = $true; Apply = $false }
            $run.Output | Should -BeLike "*scanner@contoso.com: UserMailbox, no authentication policy, passwords could use: SMTP AUTH*A person may sign in*shared@contoso.com: SharedMailbox, the authentication policy 'CN=Old,*"
            Get-TenantState | Should -Be $middle
            $run = Start-Exchange $file $close
            $run.Exit | Should -Be 0 -Because $run.Output
            $run.Output | Should -BeLike "*$($tenant.Account): your own account stays*"
            foreach ($one in $user, $shared) { $one.AuthenticationPolicy | Should -Be (Find-Policy).DistinguishedName }
            $user.AccountDisabled, $shared.AccountDisabled, $own.AccountDisabled | Should -Be $false, $true, $false
            $own.AuthenticationPolicy | Should -BeNullOrEmpty
            # The switches of New-AuthenticationPolicy allow passwords.
            (Get-Calls 'New-AuthenticationPolicy').Parameters.Keys | Where-Object { $_ -notin 'Name', 'ErrorAction' } | Should -BeNullOrEmpty
            $closed = Get-TenantState
            (Start-Exchange $file $close).Last | Should -Be 'OK. Nothing is missing.'
            Get-TenantState | Should -Be $closed
            # Undo.
            $ids = Read-Ids
            $remove = Write-Script remove -Mailboxes $all
            $run = Start-Exchange $remove @{ RemoveServicePrincipal = $true; Apply = $false }
            $run.Exit | Should -Be 0 -Because $run.Output
            Get-TenantState | Should -Be $closed
            $run = Start-Exchange $remove @{ RemoveServicePrincipal = $true }
            $run.Exit | Should -Be 0 -Because $run.Output
            $null = Start-EntraUndo $remove @{ ApplicationId = $ids.ApplicationId }
            Get-TenantState | Should -Be $before
            Test-Path (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json') | Should -BeFalse
        }

        It 'closes those of more mailboxes than it tests' {
            $many = 1..6 | ForEach-Object { "scan$_@contoso.com" }
            Add-TenantMailbox $many
            $file = Write-Script -Mailboxes $many
            $null = Start-Entra $file
            $run = Start-Exchange $file $close
            $run.Exit | Should -Be 0 -Because $run.Output
            $run.Last | Should -BeLike 'OK. * Tested: the first 5 of 6 mailboxes.'
            @($tenant.Mailboxes | Where-Object { $_.AuthenticationPolicy -eq (Find-Policy).DistinguishedName }).Count | Should -Be 6
        }

        It 'closes nothing without the answer, and after another answer' {
            $global:StandInAnswer = ''
            $file = Write-Script -Mailboxes $all
            $null = Start-Entra $file
            $run = Start-Exchange $file $close
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*The passwords stay open*'
            Get-Calls 'Set-User' | Should -BeNullOrEmpty
            $tenant.Policies | Should -Be $foreign
        }

        It 'closes nothing while the application cannot use a mailbox' {
            $tenant.InScope = { $false }
            $file = Write-Script -Mailboxes $all
            $null = Start-Entra $file
            $run = Start-Exchange $file $close
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*The passwords stay open*'
            Get-Calls 'Set-User' | Should -BeNullOrEmpty
        }

        It 'blocks no account that users sign in as for devices' {
            $null = Start-Setup (Write-Script -Flow device-code -Certificate '' -Mailboxes $all) @{} $close
            $shared.AuthenticationPolicy | Should -Be (Find-Policy).DistinguishedName
            $shared.AccountDisabled | Should -BeFalse
            $run = Start-Exchange (Write-Script remove -Flow device-code -Certificate '' -Mailboxes $all)
            $run.Exit | Should -Be 0 -Because $run.Output
            $tenant.Policies | Should -Be $foreign
            $shared.AuthenticationPolicy | Should -Be $foreign.DistinguishedName
        }

        It 'completes after a step that failed, and undo still knows the old values: <cmdlet>' -ForEach @(
            'Get-User', 'Get-AuthenticationPolicy', 'New-AuthenticationPolicy', 'Set-User', 'Set-Mailbox' | ForEach-Object { @{ Cmdlet = $_ } }
        ) {
            $file = Write-Script -Mailboxes $all
            $null = Start-Entra $file
            Set-Failure $Cmdlet
            $run = Start-Exchange $file $close
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*Service unavailable (503)*'
            $tenant.Failures.Clear()
            $run = Start-Exchange $file $close
            $run.Exit | Should -Be 0 -Because $run.Output
            $shared.AccountDisabled | Should -BeTrue
            $undo = Start-Exchange (Write-Script remove -Mailboxes $all)
            $undo.Exit | Should -Be 0 -Because $undo.Output
            $shared.AuthenticationPolicy | Should -Be $foreign.DistinguishedName
            $shared.AccountDisabled, $user.AccountDisabled | Should -Be $false, $false
            $tenant.Policies | Should -Be $foreign
        }

        It 'makes its policy once if the reply is lost' {
            Set-Failure 'New-AuthenticationPolicy' -Times 1 -When {
                param($p)
                $tenant.Policies += [pscustomobject]@{ Name = $p.Name; Guid = 'p-2'; DistinguishedName = "CN=$($p.Name)" }
                $true
            }.GetNewClosure()
            $null = Start-Setup (Write-Script -Mailboxes $all) @{} $close
            @(Find-Policy).Count | Should -Be 1
            (Start-Exchange (Write-Script remove -Mailboxes $all)).Exit | Should -Be 0
            Find-Policy | Should -BeNullOrEmpty
        }

        It 'fails visibly in undo, which then completes: <cmdlet>' -ForEach @('Get-User', 'Set-User', 'Set-Mailbox', 'Remove-AuthenticationPolicy' | ForEach-Object { @{ Cmdlet = $_ } }) {
            $null = Start-Setup (Write-Script -Mailboxes $all) @{} $close
            $remove = Write-Script remove -Mailboxes $all
            Set-Failure $Cmdlet
            (Start-Exchange $remove).Exit | Should -Be 1
            $tenant.Failures.Clear()
            $run = Start-Exchange $remove
            $run.Exit | Should -Be 0 -Because $run.Output
            $shared.AuthenticationPolicy | Should -Be $foreign.DistinguishedName
            $shared.AccountDisabled | Should -BeFalse
            $tenant.Policies | Should -Be $foreign
        }

        It 'leaves what somebody changed after set-up, and the policy that others use' {
            Add-TenantMailbox 'other@contoso.com'
            $null = Start-Setup (Write-Script -Mailboxes $all) @{} $close
            $shared.AuthenticationPolicy = $null
            $tenant.Mailboxes[-1].AuthenticationPolicy = (Find-Policy).DistinguishedName
            $remove = Write-Script remove -Mailboxes $all
            $run = Start-Exchange $remove
            $run.Exit | Should -Be 0 -Because $run.Output
            $run.Output | Should -BeLike '*shared@contoso.com: its authentication policy is*Somebody changed it*'
            $run.Output | Should -BeLike '*stays, because others use it: other@contoso.com*'
            $shared.AuthenticationPolicy | Should -BeNullOrEmpty
            Find-Policy | Should -Not -BeNullOrEmpty
            # When nobody uses it, the next run removes it.
            $tenant.Mailboxes[-1].AuthenticationPolicy = $null
            $null = Start-Exchange $remove
            $tenant.Policies | Should -Be $foreign
        }

        It 'does not use a policy of somebody else without consent' {
            $tenant.Policies += [pscustomobject]@{ Name = 'TLS Uplift NoPwd'; Guid = 'p-2'; DistinguishedName = 'CN=TLS Uplift NoPwd' }
            $file = Write-Script -Mailboxes $all
            $null = Start-Entra $file
            $run = Start-Exchange $file $close
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*did not make*-AcceptOthers*'
            (Start-Exchange $file ($close + @{ AcceptOthers = $true })).Exit | Should -Be 0
            $null = Start-Exchange (Write-Script remove -Mailboxes $all)
            Find-Policy | Should -Not -BeNullOrEmpty
        }
    }

    Describe 'Text of the tenant' {
        It 'cannot write lines of its own, or control the window' {
            $null = Start-Entra (Write-Script)
            $tenant.Applications[0].PasswordCredentials = @([pscustomobject]@{ DisplayName = "his`n`r`u{1b}[2JOK. Nothing is missing.`u{202e}`u{2028}"; EndDateTime = [DateTime]'2027-01-01' })
            $run = Start-Entra (Write-Script)
            $run.Output.Contains("also has: client secret 'his???[2JOK. Nothing is missing.??', until") | Should -BeTrue -Because $run.Output
            Set-Failure 'Get-MgServicePrincipal' "one`ntwo"
            (Start-Entra (Write-Script)).Output | Should -Match 'FAILED:.*one\?two'
        }
    }

    Describe 'Undo of an application' {
        It 'that set-up did not register removes our certificate and permission, and nothing else' {
            $adopted = [pscustomobject]@{
                Id = 'f-1'; AppId = 'f0000002-0000-0000-0000-000000000000'; DisplayName = 'TLS Uplift'; RequiredResourceAccess = @(); IsFallbackPublicClient = $false; Notes = 'Payroll'
                KeyCredentials = @([pscustomobject]@{ DisplayName = 'theirs'; Key = [byte[]](9, 9); EndDateTime = [DateTime]'2027-01-01' }); PasswordCredentials = @(); PublicClient = $null
            }
            $tenant.Applications += $adopted
            $options = @{ ApplicationId = 'f0000002-0000-0000-0000-000000000000'; AcceptOthers = $true }
            $null = Start-Entra (Write-Script -Protocols pop3) $options
            $theirs = $tenant.AppRoleAssignments[0].AppRoleId
            # Their permission was there before ours.
            Get-ChildItem $TestDrive -Recurse -Filter 'tls-uplift-tenant-state.json' | Remove-Item
            $null = Start-Entra (Write-Script -Protocols imap, pop3) $options
            $undo = Start-EntraUndo (Write-Script remove)
            $undo.Exit | Should -Be 0 -Because $undo.Output
            $undo.Output | Should -BeLike '*stays*set-up did not register it*'
            $adopted.KeyCredentials.DisplayName | Should -Be 'theirs'
            $tenant.AppRoleAssignments.AppRoleId | Should -Be $theirs
            $tenant.Connections[-1].Scopes | Should -Be 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'
        }

        It 'that set-up did not register takes off its list of API permissions what set-up added: <flow>' -ForEach @(
            @{ Flow = 'application'; Certificate = 'AQID'; Resource = '00000002-0000-0ff1-ce00-000000000000' }
            @{ Flow = 'device-code'; Certificate = ''; Resource = '00000003-0000-0000-c000-000000000000' }
        ) {
            $before = @(
                [pscustomobject]@{ ResourceAppId = $Resource; ResourceAccess = @([pscustomobject]@{ Id = 'theirs'; Type = 'Role' }) }
                [pscustomobject]@{ ResourceAppId = 'other'; ResourceAccess = @([pscustomobject]@{ Id = 'x'; Type = 'Scope' }) }
            )
            $adopted = [pscustomobject]@{
                Id = 'f-1'; AppId = 'f0000002-0000-0000-0000-000000000000'; DisplayName = 'TLS Uplift'; RequiredResourceAccess = $before; IsFallbackPublicClient = $false; Notes = ''
                KeyCredentials = @(); PasswordCredentials = @(); PublicClient = $null
            }
            $tenant.Applications += $adopted
            $with = @{ Flow = $Flow; Certificate = $Certificate; Protocols = 'imap' }
            $run = Start-Entra (Write-Script @with) @{ ApplicationId = 'f0000002-0000-0000-0000-000000000000' }
            $run.Exit | Should -Be 0 -Because $run.Output
            @($adopted.RequiredResourceAccess.ResourceAccess).Count | Should -BeGreaterThan 2
            $remove = Write-Script remove @with
            Set-Failure 'Update-MgApplication' -When { param($p) $p.ContainsKey('RequiredResourceAccess') }
            (Start-EntraUndo $remove).Exit | Should -Be 1
            $tenant.Failures.Clear()
            $undo = Start-EntraUndo $remove
            $undo.Exit | Should -Be 0 -Because $undo.Output
            $list = { param($access) @($access | ForEach-Object { $of = $_.ResourceAppId; $_.ResourceAccess | ForEach-Object { "$of $($_.Id) $($_.Type)" } }) | Sort-Object }
            & $list $adopted.RequiredResourceAccess | Should -Be (& $list $before)
            $adopted.IsFallbackPublicClient | Should -BeFalse
            $adopted.PublicClient.RedirectUris | Should -BeNullOrEmpty
            Test-Path (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json') | Should -BeFalse
        }

        It 'that had public client flows and redirect URIs before leaves them' {
            $adopted = [pscustomobject]@{
                Id = 'f-1'; AppId = 'f0000002-0000-0000-0000-000000000000'; DisplayName = 'TLS Uplift'; RequiredResourceAccess = @(); IsFallbackPublicClient = $true; Notes = ''
                KeyCredentials = @(); PasswordCredentials = @(); PublicClient = [pscustomobject]@{ RedirectUris = @('https://theirs.example') }
            }
            $tenant.Applications += $adopted
            $with = @{ Flow = 'device-code'; Certificate = '' }
            $null = Start-Entra (Write-Script @with) @{ ApplicationId = 'f0000002-0000-0000-0000-000000000000' }
            $adopted.PublicClient.RedirectUris | Should -Be 'https://theirs.example', 'http://localhost'
            (Start-EntraUndo (Write-Script remove @with)).Exit | Should -Be 0
            $adopted.IsFallbackPublicClient | Should -BeTrue
            $adopted.PublicClient.RedirectUris | Should -Be 'https://theirs.example'
        }

        It 'that copied our label does nothing' {
            $tenant.Applications += [pscustomobject]@{
                Id = 'f-1'; AppId = 'f0000002-0000-0000-0000-000000000000'; DisplayName = 'TLS Uplift'; Notes = ''; PasswordCredentials = @()
                KeyCredentials = @([pscustomobject]@{ DisplayName = 'TLS Uplift AQID'; Key = [byte[]](9, 9); EndDateTime = [DateTime]'2027-01-01' })
            }
            $run = Start-EntraUndo (Write-Script remove)
            $run.Exit | Should -Be 1
            $tenant.Applications.KeyCredentials.Count | Should -Be 1
        }

        It 'that got another <what> after set-up leaves it, and removes it on request' -ForEach @(
            @{ What = 'client secret'; Change = { $tenant.Applications[0].PasswordCredentials = @([pscustomobject]@{ DisplayName = 'his'; EndDateTime = [DateTime]'2027-01-01' }) } }
            @{ What = 'owner'; Change = { $tenant.Owners[$tenant.Applications[0].Id] += 'colleague@contoso.com' } }
        ) {
            $null = Start-Setup (Write-Script)
            & $Change
            $remove = Write-Script remove
            $run = Start-EntraUndo $remove
            $run.Output | Should -BeLike "*also has: $What*-AcceptOthers*"
            $tenant.Applications.Count | Should -Be 1
            $tenant.Applications[0].KeyCredentials.Count | Should -Be 0
            (Start-EntraUndo $remove @{ AcceptOthers = $true }).Exit | Should -Be 0
            $tenant.Applications.Count | Should -Be 0
        }
    }

    Describe 'A list of an application that another site changes between two tries' {
        BeforeEach {
            $with = @{ Flow = 'device-code'; Certificate = '' }
            $adopted = [pscustomobject]@{
                Id = 'f-1'; AppId = 'f0000002-0000-0000-0000-000000000000'; DisplayName = 'TLS Uplift'; RequiredResourceAccess = @(); IsFallbackPublicClient = $true; Notes = ''
                KeyCredentials = @(); PasswordCredentials = @(); PublicClient = [pscustomobject]@{ RedirectUris = @('https://theirs.example') }
            }
            $tenant.Applications += $adopted
            $id = @{ ApplicationId = $adopted.AppId }
            $theirs = [pscustomobject]@{ ResourceAppId = 'other'; ResourceAccess = @([pscustomobject]@{ Id = 'late'; Type = 'Scope' }) }
            $change = {
                param($p)
                if ($p.ContainsKey('RequiredResourceAccess')) {
                    $adopted.RequiredResourceAccess = @($adopted.RequiredResourceAccess) + $theirs
                } elseif ($p.ContainsKey('PublicClient')) {
                    $adopted.PublicClient.RedirectUris += 'https://late.example'
                }
                $p.ContainsKey($list)
            }
            function Get-Listed { @($adopted.RequiredResourceAccess | Where-Object { $_ } | ForEach-Object { $of = $_.ResourceAppId; $_.ResourceAccess | ForEach-Object { "$of $($_.Id) $($_.Type)" } }) | Sort-Object }
        }

        It 'keeps what that site added, in set-up: <list>' -ForEach @(@{ List = 'RequiredResourceAccess' }, @{ List = 'PublicClient' }) {
            Set-Failure 'Update-MgApplication' -Times 1 -When $change.GetNewClosure()
            $run = Start-Entra (Write-Script @with) $id
            $run.Exit | Should -Be 0 -Because $run.Output
            $tenant.Sleeps | Should -Be 1
            if ($List -eq 'PublicClient') {
                $adopted.PublicClient.RedirectUris | Should -Be 'https://theirs.example', 'https://late.example', 'http://localhost'
            } else {
                Get-Listed | Should -HaveCount 5
                Get-Listed | Should -Contain 'other late Scope'
            }
        }

        It 'keeps it in undo, which takes off only what set-up added' {
            $before = Get-Listed
            $null = Start-Entra (Write-Script @with) $id
            # Undo asks for the owners after it has read the application.
            Set-Failure 'Get-MgApplicationOwner' -When { $adopted.RequiredResourceAccess = @($adopted.RequiredResourceAccess) + $theirs; $adopted.PublicClient.RedirectUris += 'https://late.example'; $false }.GetNewClosure()
            $run = Start-EntraUndo (Write-Script remove @with) $id
            $run.Exit | Should -Be 0 -Because $run.Output
            Get-Listed | Should -Be 'other late Scope'
            $adopted.PublicClient.RedirectUris | Should -Be 'https://theirs.example', 'https://late.example'
        }

        It 'lists a permission once if the reply to the first try was lost' {
            Set-Failure 'Update-MgApplication' -Times 1 -When {
                param($p)
                if (-not $p.ContainsKey('RequiredResourceAccess')) { return $false }
                $adopted.RequiredResourceAccess = @($p.RequiredResourceAccess | ForEach-Object { [pscustomobject]@{ ResourceAppId = $_.ResourceAppId; ResourceAccess = @($_.ResourceAccess | ForEach-Object { [pscustomobject]$_ }) } })
                $true
            }.GetNewClosure()
            $run = Start-Entra (Write-Script @with) $id
            $run.Exit | Should -Be 0 -Because $run.Output
            Get-Listed | Should -HaveCount 4
        }
    }

    Describe 'A list of addresses' {
        It 'with an address that two mailboxes match is not called missing' {
            Add-TenantMailbox 'a@contoso.com', 'b@contoso.com'
            foreach ($one in 1, 2) { $tenant.Mailboxes[$one].Name = 'Scan' }
            $file = Write-Script -Mailboxes 'Scan'
            $null = Start-Entra $file
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*Scan: 2 mailboxes match: a@contoso.com, b@contoso.com*'
            $run.Output | Should -Not -BeLike '*no such mailbox*'
        }

        It 'with an alias and the primary address is one mailbox' {
            $tenant.Mailboxes[0].EmailAddresses = @('scanner@contoso.com', 'alias@contoso.com')
            $both = 'scanner@contoso.com', 'alias@contoso.com'
            $run = Start-Setup (Write-Script -Mailboxes $both -Protocols smtp, imap)
            $run.Output | Should -BeLike '*alias@contoso.com: another address of scanner@contoso.com*'
            $tenant.GroupMembers[$tenant.Groups[0].Guid].Count | Should -Be 1
            $tenant.MailboxPermissions.Count | Should -Be 1
            (Start-Exchange (Write-Script remove -Mailboxes $both -Protocols smtp, imap)).Exit | Should -Be 0
        }
    }

    Describe 'The test at the end' {
        It 'that shows no access does not end with a plain OK, and fails if the run changed nothing' {
            $tenant.InScope = { $false }
            $file = Write-Script
            $null = Start-Entra $file
            $run = Start-Exchange $file
            $run.Output | Should -BeLike '*scanner@contoso.com: role Application SMTP.SendAsApp, in scope: False*'
            $run.Last | Should -BeLike 'OK. * changes made. But scanner@contoso.com cannot be used yet*two hours*'
            $tenant.Sleeps | Should -Be 5
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Last | Should -BeLike 'FAILED.*'
            $run.Output | Should -BeLike '*not in the scope TLS Uplift SMTP*'
        }

        It 'waits for servers that learn of a member late' {
            $tenant.InScope = { $tenant.Sleeps -ge 2 }.GetNewClosure()
            (Start-Setup (Write-Script)).Last | Should -BeLike 'OK. * changes made.'
            $tenant.Sleeps | Should -Be 2
        }

        It 'ignores a role of the application in another scope' {
            $file = Write-Script
            $null = Start-Setup $file
            $tenant.RoleAssignments += [pscustomobject]@{ Name = 'x'; Role = 'Application SMTP.SendAsApp'; App = (Read-Ids).ObjectId; CustomResourceScope = 'Other' }
            $tenant.RoleAssignments = @($tenant.RoleAssignments | Where-Object { $_.Name -eq 'x' })
            Set-Failure 'New-ManagementRoleAssignment' 'Access is denied'
            (Start-Exchange $file).Output | Should -Not -BeLike '*in scope: True*'
        }
    }

    Describe 'The window of the administrator' {
        It 'keeps an earlier connection to Exchange Online' {
            $file = Write-Script
            $null = Start-Entra $file
            $tenant.Connected += 'Exchange'
            $tenant.Sessions += [pscustomobject]@{ ConnectionId = 'mine'; TenantID = 'other-tenant'; UserPrincipalName = 'me' }
            $run = Start-Exchange $file
            $run.Exit | Should -Be 0 -Because $run.Output
            $tenant.Sessions.ConnectionId | Should -Be 'mine'
        }

        It 'keeps an earlier sign-in to Microsoft Graph' {
            $tenant.Connected += 'Graph'
            $run = Start-Entra (Write-Script)
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*signed in to Microsoft Graph as admin@*new PowerShell window*'
            $tenant.Connected | Should -Be 'Graph'
        }

        It 'is not used if Exchange Online does not show the tenant' {
            $file = Write-Script
            $null = Start-Entra $file
            $before = Get-TenantState
            $tenant.ShowsConnections = $false
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*does not show the tenant of this connection*'
            Get-TenantState | Should -Be $before
        }
    }

    Describe 'The stand-in' {
        It 'refuses a parameter that the real cmdlet does not have' {
            Import-Module ExchangeOnlineManagement
            { Set-CASMailbox -Identity x -SmtpAuth $true } | Should -Throw '*SmtpAuth*'
        }

        It 'does not see the preference of a script, as the real modules' {
            $file = Join-Path $TestDrive 'plain.ps1'
            Set-Content $file "`$ErrorActionPreference = 'Stop'; Get-Mailbox -Identity none@contoso.com 2>`$null; 'went on'"
            & $file | Should -Be 'went on'
        }

        It 'has each cmdlet that the scripts call, and no other' {
            $called = foreach ($kind in 'setup', 'remove', 'least') {
                $tokens = $errors = $null
                $tree = [Management.Automation.Language.Parser]::ParseFile((Write-Script $kind), [ref]$tokens, [ref]$errors)
                $errors | Should -BeNullOrEmpty
                $own = $tree.FindAll({ param($node) $node -is [Management.Automation.Language.FunctionDefinitionAst] }, $true).Name
                $tree.FindAll({ param($node) $node -is [Management.Automation.Language.CommandAst] }, $true) | ForEach-Object { $_.GetCommandName() } |
                    Where-Object { $_ -like '*-*' -and $own -notcontains $_ -and -not (Get-Command $_ -CommandType Cmdlet -Module 'Microsoft.PowerShell.*' -ErrorAction SilentlyContinue) }
            }
            $table = Get-Content (Join-Path $PSScriptRoot 'cmdlets.txt') | Where-Object { $_ -notlike '#*' } | ForEach-Object { $_.Split(' ')[1] }
            $called | Where-Object { $_ -notin 'Get-Module', 'Start-Sleep' } | Sort-Object -Unique | Should -Be ($table | Sort-Object -Unique)
        }
    }

    Describe 'A tenant that differs' {
        BeforeAll {
            # Replaces what the stand-in does for a cmdlet, until the end of the test.
            function Set-Behaviour {
                param([string]$Cmdlet, [scriptblock]$Does)
                & (Get-Module StandIn) { param($name, $new) $script:Behaviours[$name] = & ([scriptblock]::Create("{ $new }")) } $Cmdlet $Does
            }
            function Restore-Behaviours { & (Get-Module StandIn) { $script:Behaviours = $script:Usual } }
            # The cmdlet works, and its first reply is lost. A second call finds the object.
            function Set-LostReply {
                param([string]$Cmdlet, [scriptblock]$Exists)
                & (Get-Module StandIn) { param($name, $exists)
                    $script:LostName = $name; $script:Lost = $false; $script:LostExists = & ([scriptblock]::Create("{ $exists }"))
                    $script:Behaviours[$name] = { param($p)
                        if (& $script:LostExists $p) { throw 'The object already exists.' }
                        $made = & $script:Usual[$script:LostName] $p
                        if ($script:Lost) { return $made }
                        $script:Lost = $true
                        throw 'Gateway timeout (504)'
                    }
                } $Cmdlet $Exists
            }
            function Set-Text { param([string]$File, [string]$Old, [string]$New) (Get-Content -Raw $File).Contains($Old) | Should -BeTrue -Because $Old; (Get-Content -Raw $File).Replace($Old, $New) | Set-Content $File }
        }

        BeforeEach {
            & (Get-Module StandIn) { $script:Usual = $script:Behaviours.Clone() }
            $state = Join-Path $TestDrive 'a/tls-uplift-tenant-state.json'
        }
        AfterEach { Restore-Behaviours }

        Describe 'A mailbox that is new in a classic tenant' {
            BeforeEach {
                Add-TenantMailbox 'new@contoso.com'
                $classic = @{ Classic = $true }
                $null = Start-Setup (Write-Script) $classic $classic
                $both = Write-Script -Mailboxes 'scanner@contoso.com', 'new@contoso.com'
            }

            It 'gets FullAccess and SendAs beside the role, because the application may have SMTP.SendAsApp' {
                $run = Start-Exchange $both
                $run.Exit | Should -Be 0 -Because $run.Output
                $run.Output | Should -BeLike '*sends the old way*new@contoso.com: let the application send as the mailbox (SendAs)*'
                $tenant.RecipientPermissions.Mailbox | Should -Contain $tenant.Mailboxes[1].Guid
                $tenant.MailboxPermissions.Mailbox | Should -Contain $tenant.Mailboxes[1].Guid
                $tenant.GroupMembers[$tenant.Groups[0].Guid].Count | Should -Be 2
                (Start-Exchange $both).Last | Should -Be 'OK. Nothing is missing.'
            }

            It 'is named if the role came to it without them' {
                $null = Start-Exchange $both
                $tenant.RecipientPermissions = @($tenant.RecipientPermissions | Where-Object { $_.Mailbox -eq $tenant.Mailboxes[0].Guid })
                $run = Start-Exchange $both
                $run.Output | Should -BeLike '*new@contoso.com: the application has no SendAs*-Classic*'
                # Not given again: the tenant may have come over to the role.
                @($tenant.RecipientPermissions).Count | Should -Be 1
            }

            It 'gets only the role if no mailbox has the old way' {
                $tenant.RecipientPermissions = @()
                $tenant.MailboxPermissions = @()
                (Start-Exchange $both).Exit | Should -Be 0
                $tenant.RecipientPermissions | Should -BeNullOrEmpty
            }
        }

        Describe 'A mistyped object ID with -ReplaceServicePrincipal' {
            BeforeEach {
                $file = Write-Script
                $null = Start-Setup $file
                # On another computer, without the state file of the part Entra.
                Remove-Item $state
                $before = Get-TenantState
                $mistyped = @{ ObjectId = '99999999-0000-0000-0000-000000000000'; ReplaceServicePrincipal = $true }
            }

            It 'leaves the service principal that works' {
                Set-Behaviour 'New-ServicePrincipal' { param($p) throw "The service principal '$($p.ObjectId)' couldn't be found." }
                (Start-Exchange $file $mistyped).Exit | Should -Be 1
                Get-TenantState | Should -Be $before
            }

            It 'brings it back if Exchange Online allows only one' {
                Set-Behaviour 'New-ServicePrincipal' { param($p)
                    if (@($t.ExchangePrincipals | Where-Object { $_.AppId -eq $p.AppId }).Count -gt 0) { throw "A service principal with the AppId '$($p.AppId)' already exists." }
                    if ($p.ObjectId -like '99999999-*') { throw "The service principal '$($p.ObjectId)' couldn't be found." }
                    $t.ExchangePrincipals += [pscustomobject]@{ AppId = $p.AppId; ObjectId = $p.ObjectId; DisplayName = $p.DisplayName; Guid = 'new'; Sid = 'new' }
                }
                $right = (Read-Ids).ObjectId
                $run = Start-Exchange $file $mistyped
                $run.Exit | Should -Be 1
                $run.Output | Should -BeLike "*create the service principal $right again*"
                $tenant.ExchangePrincipals.ObjectId | Should -Be $right
                # And the right ID replaces a wrong one.
                $tenant.ExchangePrincipals[0].ObjectId = 'wrong'
                $run = Start-Exchange $file @{ ReplaceServicePrincipal = $true }
                $run.Exit | Should -Be 0 -Because $run.Output
                $tenant.ExchangePrincipals.ObjectId | Should -Be $right
            }
        }

        Describe 'Undo with the ID of another site' {
            It 'leaves its application: <flow>' -ForEach @(@{ Flow = 'device-code'; Certificate = '' }, @{ Flow = 'application'; Certificate = 'AQID' }) {
                $null = Start-Entra (Write-Script -Site b -Flow device-code -Name 'TLS Uplift B' -Certificate '')
                $run = Start-EntraUndo (Write-Script remove -Flow $Flow -Name 'TLS Uplift A' -Certificate $Certificate)
                $run.Exit | Should -Be 1
                $run.Output | Should -BeLike "*is called 'TLS Uplift B'*'TLS Uplift A'*"
                $tenant.Applications.Count | Should -Be 1
            }

            It 'removes an application that set-up registered and somebody renamed' {
                $null = Start-Entra (Write-Script -Flow device-code -Certificate '')
                $tenant.Applications[0].DisplayName = 'TLS Uplift printers'
                $run = Start-EntraUndo (Write-Script remove -Flow device-code -Certificate '')
                $run.Exit | Should -Be 0 -Because $run.Output
                $tenant.Applications.Count | Should -Be 0
                Test-Path $state | Should -BeFalse
            }
        }

        Describe 'A name with an apostrophe' {
            # PowerShell takes a typographic apostrophe for a plain one, in the script and in a command to copy.
            BeforeEach { $curly = [string][char]0x2019; $name = "TLS Uplift O''Brien$curly$curly" }

            It 'has a second run and an undo as other names' {
                $before = Get-TenantState
                $file = Write-Script -Name $name
                $null = Start-Setup $file
                $run = Start-Exchange $file
                $run.Last | Should -Be 'OK. Nothing is missing.' -Because $run.Output
                $ids = Read-Ids
                $remove = Write-Script remove -Name $name
                $run = Start-Exchange $remove @{ RemoveServicePrincipal = $true }
                $run.Exit | Should -Be 0 -Because $run.Output
                (Start-EntraUndo $remove @{ ApplicationId = $ids.ApplicationId }).Exit | Should -Be 0
                Get-TenantState | Should -Be $before
            }

            It 'is doubled in commands to copy' {
                Add-TenantMailbox 'site-b@contoso.com'
                $null = Start-Setup (Write-Script -Name $name -Mailboxes 'scanner@contoso.com', 'site-b@contoso.com')
                (Start-Exchange (Write-Script remove -Name $name)).Output | Should -BeLike "*Remove-ManagementRoleAssignment -Identity 'TLS Uplift O''Brien$curly$curly SMTP'*"
                $null = Start-Exchange (Write-Script -Name $name) @{ Graph = $true }
                (Start-Exchange (Write-Script -Name $name) @{ Graph = $true; SentItems = $true }).Output | Should -BeLike "*Remove-ManagementRoleAssignment -Identity 'TLS Uplift O''Brien$curly$curly Draft'*"
            }
        }

        Describe 'What else could sign in as the application' {
            It 'stays if another site adds its certificate while undo runs' {
                $adopted = [pscustomobject]@{
                    Id = 'f-1'; AppId = 'f0000002-0000-0000-0000-000000000000'; DisplayName = 'TLS Uplift'; RequiredResourceAccess = @(); IsFallbackPublicClient = $false; Notes = ''
                    KeyCredentials = @(); PasswordCredentials = @(); PublicClient = $null
                }
                $tenant.Applications += $adopted
                $null = Start-Entra (Write-Script -Protocols imap) @{ ApplicationId = $adopted.AppId }
                # Undo asks for the owners after it has read the application.
                Set-Behaviour 'Get-MgApplicationOwner' { param($p) $t.Applications[0].KeyCredentials += [pscustomobject]@{ DisplayName = 'TLS Uplift at branch'; Key = [byte[]](7, 7); EndDateTime = [DateTime]'2027-01-01' } }
                $run = Start-EntraUndo (Write-Script remove -Protocols imap) @{ ApplicationId = $adopted.AppId }
                $run.Exit | Should -Be 0 -Because $run.Output
                $adopted.KeyCredentials.DisplayName | Should -Be 'TLS Uplift at branch'
                $run.Output | Should -BeLike '*its permissions stay (IMAP.AccessAsApp), because another certificate*'
                $tenant.AppRoleAssignments.Count | Should -Be 1
            }

            It 'is listed: <what>' -ForEach @(
                @{ What = 'federated credential'; Change = { $tenant.Applications[0] | Add-Member FederatedIdentityCredentials @([pscustomobject]@{ Name = 'ci'; Issuer = 'https://token.example'; Subject = 'repo:mallory/x' }) } }
                @{ What = 'client secret of the enterprise application'; Change = { $tenant.Principals[-1] | Add-Member PasswordCredentials @([pscustomobject]@{ DisplayName = 'his'; EndDateTime = [DateTime]'2027-01-01' }) } }
                @{ What = 'certificate of the enterprise application'; Change = { $tenant.Principals[-1] | Add-Member KeyCredentials @([pscustomobject]@{ DisplayName = 'his'; EndDateTime = [DateTime]'2027-01-01' }) } }
                @{ What = 'owner mallory@contoso.com'; Change = { $tenant.Owners[$tenant.Principals[-1].Id] = @('mallory@contoso.com') } }
            ) {
                $null = Start-Entra (Write-Script)
                & $Change
                $run = Start-Entra (Write-Script)
                $run.Exit | Should -Be 1 -Because $run.Output
                $run.Output | Should -BeLike "*also has: $What*-AcceptOthers*"
                $run = Start-EntraUndo (Write-Script remove)
                $run.Output | Should -BeLike "*also has: $What*"
                $tenant.Applications.Count | Should -Be 1
            }

            It 'is not the guest who signed in to register it' {
                $tenant.Account = 'ann_b@partner.example'
                $null = Start-Entra (Write-Script)
                $tenant.Owners[$tenant.Applications[0].Id] = @('ann_b_partner.example#EXT#@contoso.onmicrosoft.com')
                (Start-Entra (Write-Script)).Last | Should -Be 'OK. Nothing is missing.'
                $tenant.Owners[$tenant.Applications[0].Id] = @('ann_b_other.example#EXT#@contoso.onmicrosoft.com')
                (Start-Entra (Write-Script)).Exit | Should -Be 1
            }
        }

        Describe 'A partner' {
            BeforeEach {
                # Exchange Online opens the customer that the connection names, by its ID or its domain.
                Set-Behaviour 'Connect-ExchangeOnline' { param($p)
                    $t.Customer = $p.DelegatedOrganization
                    $t.Connected += 'Exchange'
                    $t.Sessions += [pscustomobject]@{ ConnectionId = New-Id; TenantID = 'partner'; UserPrincipalName = 'gdap@partner.example' }
                }
                Set-Behaviour 'Get-OrganizationConfig' { param($p) [pscustomobject]@{ Name = $(if ($t.Customer -eq $t.Id) { $t.Domain } else { $t.Customer }); IsDehydrated = $t.IsDehydrated } }
                $file = Write-Script
                $null = Start-Entra $file
            }

            It 'of another customer changes nothing' {
                $tenant.IsDehydrated = $true
                $before = Get-TenantState
                $run = Start-Exchange $file @{ DelegatedOrganization = 'fabrikam.onmicrosoft.com'; EnableCustomization = $true }
                $run.Exit | Should -Be 1
                $run.Output | Should -BeLike '*contoso.onmicrosoft.com*fabrikam.onmicrosoft.com*'
                $tenant.IsDehydrated | Should -BeTrue
                Get-TenantState | Should -Be $before
            }

            It 'needs -TenantId, so that both parts share the state file' {
                (Start-Exchange $file @{ DelegatedOrganization = 'contoso.onmicrosoft.com'; TenantId = '' }).Output | Should -BeLike '*Give -TenantId*'
                $file = Write-Script -Protocols imap
                $null = Start-Entra $file
                $run = Start-Exchange $file @{ DelegatedOrganization = 'contoso.onmicrosoft.com' }
                $run.Exit | Should -Be 0 -Because $run.Output
            }

            It 'may name the customer by its ID' {
                (Start-Exchange $file @{ DelegatedOrganization = $tenant.Id }).Exit | Should -Be 0
                (Start-Exchange $file @{ DelegatedOrganization = 'bbbbbbbb-1111-2222-3333-444444444444' }).Exit | Should -Be 1
            }
        }

        Describe 'A client secret' {
            BeforeEach {
                $file = Write-Script -Certificate '' -Secret $true
                $text = Join-Path $TestDrive 'a/tls-uplift-client-secret.txt'
            }

            It 'that could not be written is made again by the next run' {
                Set-Text $file '[IO.File]::WriteAllText($file, $secret.SecretText)' 'throw "disk full"'
                $run = Start-Entra $file
                $run.Exit | Should -Be 1
                $run.Output | Should -BeLike '*disk full*'
                $run = Start-Entra (Write-Script -Certificate '' -Secret $true)
                $run.Exit | Should -Be 0 -Because $run.Output
                Get-Content -Raw $text | Should -Be 'S3cret~Text'
            }

            It 'of set-up is no other credential in a second run and in undo, also after the file was deleted' {
                (Start-Entra $file).Exit | Should -Be 0
                Remove-Item $text
                $run = Start-Entra $file
                $run.Last | Should -Be 'OK. Nothing is missing.' -Because $run.Output
                $run = Start-EntraUndo (Write-Script remove -Certificate '' -Secret $true)
                $run.Exit | Should -Be 0 -Because $run.Output
                $tenant.Applications.Count | Should -Be 0
                Test-Path $state | Should -BeFalse
            }

            It 'of somebody else with the same name is listed' {
                (Start-Entra $file).Exit | Should -Be 0
                $tenant.Applications[0].PasswordCredentials += [pscustomobject]@{ KeyId = 'k'; DisplayName = 'TLS Uplift'; EndDateTime = [DateTime]'2099-01-01' }
                (Start-Entra $file).Output | Should -BeLike "*also has: client secret 'TLS Uplift'*-AcceptOthers*"
            }
        }

        Describe 'An application without a certificate' {
            It 'is known to a second run by the state file alone' {
                $file = Write-Script -Flow device-code -Certificate ''
                $null = Start-Entra $file
                $run = Start-Entra $file
                $run.Last | Should -Be 'OK. Nothing is missing.' -Because $run.Output
                Remove-Item $state
                (Start-Entra $file).Output | Should -BeLike '*already has an application TLS Uplift*-ApplicationId*'
            }
        }

        Describe 'Servers of Microsoft that learn late' {
            It 'of an application bring no second one' {
                $file = Write-Script
                Set-Failure 'New-MgServicePrincipal' 'Insufficient privileges 403'
                $null = Start-Entra $file
                $tenant.Failures.Clear()
                Set-Behaviour 'Get-MgApplication' { param($p) @() }
                $run = Start-Entra $file
                $run.Exit | Should -Be 1
                $run.Output | Should -BeLike "*does not show the application $($tenant.Applications[0].AppId) yet*"
                Restore-Behaviours
                (Start-Entra $file).Exit | Should -Be 0
                $tenant.Applications.Count | Should -Be 1
            }

            It 'of an application for more than 15 minutes do not stop set-up: somebody removed it' {
                $file = Write-Script -Flow device-code -Certificate ''
                $null = Start-Entra $file
                $tenant.Applications = @()
                $old = @((Get-Content -Raw $state | ConvertFrom-Json).Records | Where-Object { $_.What -eq 'registered' })[0].Old
                Set-Text $state "$old" '1000000000'
                $run = Start-Entra $file
                $run.Exit | Should -Be 0 -Because $run.Output
                $tenant.Applications.Count | Should -Be 1
                @((Get-Content -Raw $state | ConvertFrom-Json).Records).Of | Select-Object -Unique | Should -Be $tenant.Applications[0].AppId
            }

            It 'and lose a reply, bring an object once: <cmdlet>' -ForEach @(
                @{ Cmdlet = 'New-DistributionGroup'; Exists = { $false } }
                @{ Cmdlet = 'New-MgServicePrincipal'; Exists = { param($p) $t.Principals.AppId -contains $p.AppId } }
                @{ Cmdlet = 'New-ManagementScope'; Exists = { param($p) $t.Scopes.Name -contains $p.Name } }
                @{ Cmdlet = 'New-ManagementRoleAssignment'; Exists = { param($p) $t.RoleAssignments.Name -contains $p.Name } }
                @{ Cmdlet = 'New-ServicePrincipal'; Exists = { param($p) $t.ExchangePrincipals.ObjectId -contains $p.ObjectId } }
                @{ Cmdlet = 'Add-DistributionGroupMember'; Exists = { param($p) $t.GroupMembers[$p.Identity] -contains $p.Member } }
            ) {
                Set-LostReply $Cmdlet $Exists
                $null = Start-Setup (Write-Script)
                $tenant.Groups.Count, $tenant.Scopes.Count, $tenant.RoleAssignments.Count, $tenant.ExchangePrincipals.Count, $tenant.Principals.Count | Should -Be 1, 1, 1, 1, 3
                (Start-Exchange (Write-Script)).Last | Should -Be 'OK. Nothing is missing.'
            }

            It 'and lose a reply, do not hinder the removal of a wrong service principal' {
                $file = Write-Script
                $null = Start-Entra $file
                $tenant.ExchangePrincipals = @([pscustomobject]@{ AppId = (Read-Ids).ApplicationId; ObjectId = 'wrong'; DisplayName = 'x' })
                Set-LostReply 'Remove-ServicePrincipal' { param($p) $t.ExchangePrincipals.ObjectId -notcontains $p.Identity }
                $run = Start-Exchange $file @{ ReplaceServicePrincipal = $true }
                $run.Exit | Should -Be 0 -Because $run.Output
                $tenant.ExchangePrincipals.ObjectId | Should -Be (Read-Ids).ObjectId
            }
        }

        Describe 'An account that Exchange Online does not show' {
            It 'keeps its record, and undo fails' {
                $null = Start-Setup (Write-Script)
                $read = Get-Content -Raw $state | ConvertFrom-Json
                $read.Records += [pscustomobject]@{ Of = $tenant.Mailboxes[0].Guid; What = 'AuthenticationPolicy'; Old = $null; Name = 'scanner@contoso.com' }
                ConvertTo-Json $read -Depth 4 | Set-Content $state
                Set-Behaviour 'Get-User' { param($p) }
                $run = Start-Exchange (Write-Script remove)
                $run.Exit | Should -Be 1
                $run.Output | Should -BeLike "*scanner@contoso.com: Exchange Online shows no account $($tenant.Mailboxes[0].Guid)*"
                @((Get-Content -Raw $state | ConvertFrom-Json).Records).What | Should -Contain 'AuthenticationPolicy'
            }
        }

        Describe 'A state file that somebody damaged' {
            BeforeEach { $null = Start-Setup (Write-Script) }

            It 'is named with its remedy: <text>' -ForEach @(@{ Text = '{' }, @{ Text = '' }) {
                Set-Content $state $Text
                foreach ($run in (Start-Exchange (Write-Script)), (Start-Exchange (Write-Script remove))) {
                    $run.Exit | Should -Be 1
                    $run.Output | Should -BeLike '*tls-uplift-tenant-state.json*Move the file away, or give -StateFile*'
                }
            }

            It 'without records is one of a run that changed nothing' {
                Set-Content $state "{`"Tenant`":`"$($tenant.Id)`"}"
                Add-TenantMailbox 'new@contoso.com'
                (Start-Exchange (Write-Script -Mailboxes 'new@contoso.com')).Exit | Should -Be 0
                @((Get-Content -Raw $state | ConvertFrom-Json).Records | Where-Object { -not $_ }).Count | Should -Be 0
            }
        }

        Describe 'The last line' {
            It 'says how many of the mailboxes were tested' {
                $all = 1..8 | ForEach-Object { "scan$_@contoso.com" }
                Add-TenantMailbox $all
                $file = Write-Script -Mailboxes $all
                (Start-Setup $file).Last | Should -BeLike 'OK. * changes made. Tested: the first 5 of 8 mailboxes.'
                (Start-Exchange $file).Last | Should -Be 'OK. Nothing is missing. Tested: the first 5 of 8 mailboxes.'
            }
        }

        Describe 'An option that a version lacks' {
            BeforeEach {
                $file = Write-Script
                $null = Start-Entra $file
            }

            It 'is -DeviceCode of the part Exchange in Windows PowerShell' {
                Set-Text $file '$PSVersionTable.PSVersion.Major' '5'
                $run = Start-Exchange $file @{ DeviceCode = $true }
                $run.Exit | Should -Be 1
                $run.Output | Should -BeLike '*-DeviceCode*PowerShell 7*'
            }

            It 'is -DisableWAM before version 3.7.2 of the module' {
                $manifest = Join-Path $TestDrive 'modules/ExchangeOnlineManagement/ExchangeOnlineManagement.psd1'
                Set-Text $manifest "'3.10.1'" "'3.7.1'"
                try { $run = Start-Exchange $file @{ DisableWAM = $true } } finally { Set-Text $manifest "'3.7.1'" "'3.10.1'" }
                $run.Exit | Should -Be 1
                $run.Output | Should -BeLike '*version 3.7.1*3.7.2*Update-Module ExchangeOnlineManagement*'
            }
        }
    }
}
