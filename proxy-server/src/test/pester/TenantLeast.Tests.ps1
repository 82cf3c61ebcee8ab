# Brings a classic tenant to the role, against the stand-in. Each run is '& script', as a person runs it.
Describe 'The script that brings a tenant to the role' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'StandIn.psm1') -Force
        $modules = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'modules')).FullName
        New-StandInModules $modules
        $oldPath = $env:PSModulePath
        $env:PSModulePath = $modules + [IO.Path]::PathSeparator + $oldPath
        $global:tenantClock = [DateTime]::UtcNow
        function global:Start-Sleep { Add-Sleep }
        function global:Get-Date { $global:tenantClock }
        function Wait-Hours { param([double]$Hours) $global:tenantClock = $global:tenantClock.AddHours($Hours) }

        # What this script needs of the tenant beyond the other ones.
        & (Get-Module StandIn) {
            $script:Behaviours['New-MgServicePrincipalAppRoleAssignment'] = { param($p) $t.AppRoleAssignments += [pscustomobject]@{ Id = New-Id; PrincipalId = $p.PrincipalId; ResourceId = $p.ResourceId; AppRoleId = $p.AppRoleId } }
            $script:Behaviours['Remove-MgServicePrincipalAppRoleAssignment'] = { param($p) $t.AppRoleAssignments = @($t.AppRoleAssignments | Where-Object { $_.Id -ne $p.AppRoleAssignmentId -or $_.PrincipalId -ne $p.ServicePrincipalId }) }
            $script:Behaviours['Get-Mailbox'] = { param($p) if ($p.Identity) { Find-StandInMailbox $p.Identity } else { $t.Mailboxes | Select-Object -First $p.ResultSize } }
            $script:Behaviours['Get-MessageTraceV2'] = { param($p)
                if ($p.EndDate - $p.StartDate -gt [TimeSpan]::FromDays(10)) { throw 'The range is longer than 10 days.' }
                $t.Messages | Where-Object { $p.SenderAddress -contains $_.SenderAddress -and $_.Received -ge $p.StartDate.ToUniversalTime() -and $_.Received -le $p.EndDate.ToUniversalTime() }
            }
            $script:Behaviours['New-ServicePrincipal'] = { param($p) $t.ExchangePrincipals += [pscustomobject]@{ AppId = $p.AppId; ObjectId = $p.ObjectId; DisplayName = $p.DisplayName; Guid = New-Id } }
            # No page says how Exchange Online prints a service principal, and whether it filters by it.
            function script:Select-StandInPermission {
                param($Permissions, [string]$Column, $Identity, $Wanted)
                foreach ($mailbox in $t.Mailboxes | Where-Object { -not $Identity -or (Find-StandInMailbox $Identity).Guid -eq $_.Guid }) {
                    if (-not $t.Filters) { [pscustomobject]@{ Identity = $mailbox.Name; $Column = 'NT AUTHORITY\SELF'; AccessRights = @('FullAccess', 'SendAs'); Deny = $false } }
                    foreach ($one in @($Permissions | Where-Object { $_.Mailbox -eq $mailbox.Guid -and (-not $t.Filters -or $_.$Column -eq $Wanted) })) {
                        $owner = $t.ExchangePrincipals | Where-Object { $_.ObjectId -eq $one.$Column }
                        $printed = if ($owner) { & $t.Prints $owner } else { $one.$Column }
                        [pscustomobject]@{ Identity = $mailbox.Name; $Column = $printed; AccessRights = $one.AccessRights; Deny = $false }
                    }
                }
            }
            $script:Behaviours['Get-RecipientPermission'] = { param($p) Select-StandInPermission $t.RecipientPermissions 'Trustee' $p.Identity $p.Trustee }
            $script:Behaviours['Get-MailboxPermission'] = { param($p) Select-StandInPermission $t.MailboxPermissions 'User' $p.Identity $p.User }
            $script:Behaviours['Test-ServicePrincipalAuthorization'] = { param($p)
                foreach ($one in $t.RoleAssignments | Where-Object { $_.App -eq $p.Identity }) {
                    [pscustomobject]@{ RoleName = $one.Role; AllowedResourceScope = $one.CustomResourceScope; InScope = "$(Test-StandInScope $one.CustomResourceScope (Find-StandInMailbox $p.Resource))" }
                }
            }
            function script:Test-StandInScope {
                param($Title, $Mailbox)
                if (-not $Title) { return $true }
                $filter = @($t.Scopes | Where-Object { $_.Name -eq $Title })[0].RecipientFilter
                @($t.Groups | Where-Object { $filter.Contains("'$($_.DistinguishedName)'") -and $t.GroupMembers[$_.Guid] -contains $Mailbox.Guid }).Count -gt 0
            }
            # As Microsoft: the permission in Entra brings the check of the mailbox; without it, the role decides.
            function script:Test-Sends {
                param([string]$Address)
                $t = $script:Tenant
                $mailbox = Find-StandInMailbox $Address
                $claim = @($t.Principals.AppRoles | Where-Object { $_.Value -eq 'SMTP.SendAsApp' })[0].Id
                foreach ($principal in $t.ExchangePrincipals) {
                    if (@($t.AppRoleAssignments | Where-Object { $_.PrincipalId -eq $principal.ObjectId -and $_.AppRoleId -eq $claim }).Count -gt 0) {
                        $full = @($t.MailboxPermissions | Where-Object { $_.Mailbox -eq $mailbox.Guid -and $_.User -eq $principal.ObjectId }).Count -gt 0
                        $as = @($t.RecipientPermissions | Where-Object { $_.Mailbox -eq $mailbox.Guid -and $_.Trustee -eq $principal.ObjectId }).Count -gt 0
                        return $full -and $as
                    }
                    foreach ($one in $t.RoleAssignments | Where-Object { $_.App -eq $principal.ObjectId -and $_.Role -eq 'Application SMTP.SendAsApp' }) {
                        if (Test-StandInScope $one.CustomResourceScope $mailbox) { return $true }
                    }
                }
                $false
            }
        }

        function Write-Script {
            param([string]$Kind = 'least', [string]$Site = 'a', [string[]]$Protocols = 'smtp', [string[]]$KeepAccess = @())
            Write-TenantScript -Folder (Join-Path $TestDrive $Site) -Kind $Kind -Mailboxes $Mailboxes -Protocols $Protocols -KeepAccess $KeepAccess
        }

        # Runs a part in a window of its own.
        function Start-Part {
            param([string]$File, [string]$Part, [hashtable]$More = @{})
            $application = $tenant.Applications | Select-Object -Last 1
            $options = @{ Part = $Part; Apply = $true; TenantId = $tenant.Id; ApplicationId = $application.AppId }
            if ($File -like '*setup.ps1' -and $Part -eq 'Exchange') { $options.ObjectId = @($tenant.Principals | Where-Object { $_.AppId -eq $application.AppId })[0].Id }
            foreach ($key in $More.Keys) { $options[$key] = $More[$key] }
            Get-Module 'Microsoft.Graph.*', 'ExchangeOnlineManagement' | Remove-Module
            $global:LASTEXITCODE = 0
            $output = & $File @options *>&1 | Out-String
            $tenant.Connected | Should -BeNullOrEmpty
            [pscustomobject]@{ Exit = $LASTEXITCODE; Output = $output; Last = @($output.Trim() -split "`n")[-1] }
        }
        function Start-Good {
            $run = Start-Part @args
            $run.Exit | Should -Be 0 -Because $run.Output
            Assert-Sends
            $run
        }
        function Start-Bad {
            param([string]$File, [string]$Part, [string]$Message, [hashtable]$More = @{})
            $run = Start-Part $File $Part $More
            $run.Exit | Should -Be 1 -Because $run.Output
            $run.Last | Should -BeLike 'FAILED.*'
            $run.Output | Should -BeLike $Message
            Assert-Sends
            $run
        }
        # A device can send from each mailbox.
        function Assert-Sends {
            foreach ($one in $mailboxes) { & (Get-Module StandIn) { param($address) Test-Sends $address } $one | Should -BeTrue -Because $one }
        }
        function Add-Message { param([string[]]$From = $mailboxes) foreach ($one in $From) { $tenant.Messages += [pscustomobject]@{ SenderAddress = $one; Received = $global:tenantClock } } }
        function Read-Claims {
            @($tenant.AppRoleAssignments | ForEach-Object { $id = $_.AppRoleId; @($tenant.Principals.AppRoles | Where-Object { $_.Id -eq $id })[0].Value }) | Sort-Object
        }

        # A tenant that was connected before there was a role.
        function New-ClassicTenant {
            param([string[]]$Protocols = 'smtp')
            $setup = Write-Script setup -Protocols $Protocols
            foreach ($part in 'Entra', 'Exchange') {
                $application = @($tenant.Applications | Select-Object -Last 1)
                $run = Start-Part $setup $part @{ Classic = $true; ApplicationId = "$($application.AppId)" }
                $run.Exit | Should -Be 0 -Because $run.Output
            }
            Assert-Sends
            Read-Claims | Should -Contain 'SMTP.SendAsApp'
        }

        # The steps up to one of them.
        function Start-Steps {
            param([string]$Until, [string]$File)
            $null = Start-Good (Write-Script setup) Exchange
            if ($Until -eq 'role') { return }
            $null = Start-Good $File Exchange
            if ($Until -eq 'scope') { return }
            Wait-Hours 2.1
            $null = Start-Good $File Entra
            if ($Until -eq 'claim') { return }
            Wait-Hours 2.1
            Add-Message
            Wait-Hours 0.1
            $null = Start-Good $File Exchange
        }
    }

    AfterAll {
        Remove-Item function:global:Start-Sleep, function:global:Get-Date
        Remove-Variable -Scope Global tenantClock, tenantCalls -ErrorAction Ignore
        Get-Module 'Microsoft.Graph.*', 'ExchangeOnlineManagement' | Remove-Module
        $env:PSModulePath = $oldPath
    }

    BeforeEach {
        $tenant = New-Tenant
        $tenant.Messages = @()
        $tenant.Filters = $true
        $tenant.Prints = { param($one) $one.ObjectId }
        $global:tenantClock = [DateTime]::new(2026, 12, 3, 8, 0, 0, [DateTimeKind]::Utc)
        $mailboxes = 'scanner@contoso.com', 'copier@contoso.com'
        Add-TenantMailbox ($mailboxes + 'boss@contoso.com')
        Get-ChildItem $TestDrive -Recurse -Filter 'tls-uplift-*' | Remove-Item
    }

    It 'goes the whole way, and devices can send after each step' {
        New-ClassicTenant
        $least = Write-Script
        # The first run prints the command that makes the role.
        $run = Start-Bad $least Exchange '*scanner@contoso.com is not in the scope*tls-uplift-tenant-setup.ps1 -Part Exchange -TenantId * -ObjectId * -Apply*'
        Start-Steps all $least
        Read-Claims | Should -BeNullOrEmpty
        $tenant.Applications[0].RequiredResourceAccess | Should -BeNullOrEmpty
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
        $tenant.RecipientPermissions | Should -BeNullOrEmpty
        $tenant.RoleAssignments.Role | Should -Be 'Application SMTP.SendAsApp'
    }

    It 'changes nothing in a second run of each step' {
        New-ClassicTenant
        $least = Write-Script
        foreach ($step in 'scope', 'claim', 'all') {
            if ($step -eq 'scope') { Start-Steps scope $least } elseif ($step -eq 'claim') { Wait-Hours 2.1; $null = Start-Good $least Entra } else { Wait-Hours 2.1; Add-Message; $null = Start-Good $least Exchange }
            $before = Get-TenantState
            $part = if ($step -eq 'claim') { 'Entra' } else { 'Exchange' }
            (Start-Good $least $part).Last | Should -Be 'OK. Nothing is left to change.'
            Get-TenantState | Should -Be $before
        }
        # The set-up stays with the role.
        (Start-Good (Write-Script setup) Entra).Last | Should -Be 'OK. Nothing is missing.'
        (Start-Good (Write-Script setup) Exchange).Last | Should -Be 'OK. Nothing is missing.'
        Get-TenantState | Should -Be $before
    }

    It 'changes nothing in the tenant without -Apply' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps scope $least
        Wait-Hours 3
        $before = Get-TenantState
        (Start-Good $least Entra @{ Apply = $false }).Last | Should -BeLike 'OK. 2 changes to make.*'
        Get-TenantState | Should -Be $before
        $null = Start-Good $least Entra
        Wait-Hours 3
        Add-Message
        $before = Get-TenantState
        (Start-Good $least Exchange @{ Apply = $false }).Last | Should -BeLike 'OK. 4 changes to make.*'
        Get-TenantState | Should -Be $before
    }

    It 'stops before it removes something: <case>' -ForEach @(
        @{ Case = 'a mailbox is out of scope'; Message = '*copier@contoso.com is not in the scope*'; Break = { $tenant.GroupMembers[$tenant.Groups[0].Guid] = @($tenant.Mailboxes[0].Guid) } }
        @{ Case = 'each other mailbox is in scope'; Message = '*also in scope: boss@contoso.com*No mailbox outside*'; Break = { $tenant.GroupMembers[$tenant.Groups[0].Guid] += $tenant.Mailboxes[2].Guid } }
        @{ Case = 'the role is for all mailboxes'; Message = '*No mailbox outside of the scope*'; Break = { $tenant.RoleAssignments[0].CustomResourceScope = $null } }
        @{ Case = 'a mailbox of another site is classic'; Message = '*boss@contoso.com is not in the scope*another site*'; Break = { $tenant.RecipientPermissions += [pscustomobject]@{ Mailbox = $tenant.Mailboxes[2].Guid; Trustee = $tenant.ExchangePrincipals[0].ObjectId; AccessRights = @('SendAs') } } }
        @{ Case = 'the assignment is for another application'; Message = '*is not in the scope*'; Break = { $tenant.RoleAssignments[0].App = 'another' } }
    ) {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps role $least
        & $Break
        $before = Get-TenantState
        $null = Start-Bad $least Exchange $Message
        $null = Start-Bad $least Entra '*Run the part Exchange first*'
        Get-TenantState | Should -Be $before
    }

    It 'tests a mailbox that the administrator names' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps role $least
        Add-TenantMailbox 'site@contoso.com'
        $tenant.GroupMembers[$tenant.Groups[0].Guid] += $tenant.Mailboxes[3].Guid
        $null = Start-Bad $least Exchange '*No mailbox outside*' @{ OtherMailbox = 'site@contoso.com' }
        $null = Start-Good $least Exchange @{ OtherMailbox = 'boss@contoso.com' }
    }

    It 'waits two hours after the scope was tested, with these mailboxes, and tests again after a day' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps scope $least
        Wait-Hours 1.9
        $null = Start-Good $least Exchange
        $null = Start-Bad $least Entra '*Too early*2026-12-03 10:00 UTC*'
        Wait-Hours 0.2
        # A mailbox that was added since.
        $mailboxes = $mailboxes + 'new@contoso.com'
        Add-TenantMailbox 'new@contoso.com'
        $least = Write-Script
        $setup = Write-Script setup
        (Start-Part $setup Exchange @{ Classic = $true }).Exit | Should -Be 0
        (Start-Part $setup Exchange).Exit | Should -Be 0
        $null = Start-Bad $least Entra '*new@contoso.com: not tested yet*'
        $null = Start-Good $least Exchange
        $null = Start-Bad $least Entra '*Too early*'
        Wait-Hours 25
        $null = Start-Bad $least Entra '*older than a day*'
        $null = Start-Good $least Exchange
        $null = Start-Good $least Entra
        Read-Claims | Should -BeNullOrEmpty
    }

    It 'removes FullAccess only two hours after the claim, and only from a mailbox that has sent since then' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps claim $least
        # The token of the daemon can still have the permission: this message proves nothing.
        Wait-Hours 1
        Add-Message
        $null = Start-Bad $least Exchange '*Too early: the daemon may still have a token*'
        Wait-Hours 1.1
        $null = Start-Bad $least Exchange '*scanner@contoso.com: no message from it since*tenant check*-Checked*'
        $tenant.MailboxPermissions.Count | Should -Be 2
        Add-Message 'copier@contoso.com'
        $null = Start-Bad $least Exchange '*scanner@contoso.com: no message*'
        $tenant.MailboxPermissions.Mailbox | Should -Be $tenant.Mailboxes[0].Guid
        $tenant.RecipientPermissions.Mailbox | Should -Be $tenant.Mailboxes[0].Guid
        $null = Start-Good $least Exchange @{ Checked = $true }
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
        # Weeks later, the question fits into what Microsoft answers.
        $null = Start-Good $least Exchange
    }

    It 'looks for messages in the last days only, as Microsoft demands' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps claim $least
        Wait-Hours 720
        Add-Message
        $null = Start-Bad $least Exchange '*older than a day*'
        $null = Start-Good $least Entra
        $null = Start-Good $least Exchange
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
    }

    It 'leaves a mailbox with IMAP its access, and the application the permission for IMAP' {
        New-ClassicTenant smtp, imap
        $least = Write-Script -Protocols smtp, imap -KeepAccess 'Copier@contoso.com'
        Start-Steps all $least
        Read-Claims | Should -Be 'IMAP.AccessAsApp'
        $tenant.Applications[0].RequiredResourceAccess.ResourceAccess.Count | Should -Be 1
        $tenant.MailboxPermissions.Mailbox | Should -Be $tenant.Mailboxes[1].Guid
        $tenant.RecipientPermissions.Mailbox | Should -Be $tenant.Mailboxes[1].Guid
    }

    It 'leaves a mailbox its access if another of its addresses has IMAP' {
        $tenant.Mailboxes[1].EmailAddresses += 'alias@contoso.com'
        New-ClassicTenant
        Start-Steps all (Write-Script -KeepAccess 'alias@contoso.com')
        $tenant.MailboxPermissions.Mailbox | Should -Be $tenant.Mailboxes[1].Guid
    }

    It 'knows the application however Exchange Online prints it: <prints>, filters <filters>' -ForEach @(
        foreach ($prints in 'ObjectId', 'Guid', 'DisplayName') { foreach ($filters in $true, $false) { @{ Prints = $prints; Filters = $filters } } }
    ) {
        New-ClassicTenant
        $tenant.RecipientPermissions += [pscustomobject]@{ Mailbox = $tenant.Mailboxes[2].Guid; Trustee = 'S-1-5-21-somebody'; AccessRights = @('SendAs') }
        $tenant.Filters = $Filters
        $property = $Prints
        $tenant.Prints = { param($one) "EURPR01A001\$($one.$property)" }
        Start-Steps all (Write-Script)
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
        $tenant.RecipientPermissions.Trustee | Should -Be 'S-1-5-21-somebody'
    }

    It 'takes back the step that removes the permission, and then begins again' {
        New-ClassicTenant
        $least = Write-Script
        $classic = @(Read-Claims)
        Start-Steps claim $least
        Set-Failure 'New-MgServicePrincipalAppRoleAssignment' -Times 1
        $null = Start-Bad $least Entra '*Service unavailable*' @{ Back = $true }
        $null = Start-Good $least Entra @{ Back = $true }
        Read-Claims | Should -Be $classic
        # Without a new test of the scope, nothing goes.
        Wait-Hours 5
        Add-Message
        $null = Start-Bad $least Entra '*older than a day*'
        $null = Start-Good $least Exchange
        $tenant.MailboxPermissions.Count | Should -Be 2
        $null = Start-Good $least Entra
        Wait-Hours 2.1
        $null = Start-Good $least Exchange @{ Checked = $true }
        $null = Start-Bad $least Entra '*Without FullAccess*-Classic*' @{ Back = $true }
    }

    It 'notices a permission that was granted again' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps claim $least
        $null = Start-Good (Write-Script setup) Entra @{ Classic = $true }
        Wait-Hours 25
        Add-Message
        $null = Start-Bad $least Exchange '*-Part Entra*older than a day*'
        $null = Start-Bad $least Entra '*granted SMTP.SendAsApp again*'
        $null = Start-Good $least Exchange
        $tenant.MailboxPermissions.Count | Should -Be 2
        # After FullAccess is gone, the permission has to go for devices to send.
        $null = Start-Good $least Entra
        Wait-Hours 2.1
        $null = Start-Good $least Exchange @{ Checked = $true }
        $null = Start-Part (Write-Script setup) Entra @{ Classic = $true }
        $null = Start-Good $least Entra
        Read-Claims | Should -BeNullOrEmpty
    }

    It 'leaves a tenant alone that went back to the old way at the end' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps all $least
        $setup = Write-Script setup
        $null = Start-Good $setup Exchange @{ Classic = $true }
        $null = Start-Good $setup Entra @{ Classic = $true }
        Add-Message
        Wait-Hours 1
        $before = Get-TenantState
        $null = Start-Bad $least Exchange '*-Part Entra*older than*'
        Get-TenantState | Should -Be $before
        # Nor does the permission go without a test of the role.
        Wait-Hours 25
        $null = Start-Bad $least Entra '*older than a day*'
        Get-TenantState | Should -Be $before
        # On request, the tenant takes the way again.
        $null = Start-Bad $least Exchange '*-Part Entra*older than*'
        $null = Start-Good $least Entra
        $null = Start-Good $least Exchange @{ Checked = $true }
        Read-Claims | Should -BeNullOrEmpty
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
    }

    It 'works in one tenant and for one application' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps scope $least
        Wait-Hours 3
        $before = Get-TenantState
        $null = Start-Bad $least Entra '*is for the application * in the tenant aaaaaaaa-*' @{ TenantId = 'bbbbbbbb-1111-2222-3333-444444444444' }
        $null = Start-Bad $least Entra '*is for the application*' @{ ApplicationId = 'b' }
        $null = Start-Bad $least Exchange '*Give -TenantId and -ApplicationId*' @{ TenantId = '' }
        $id = $tenant.Id
        $tenant.Id = 'bbbbbbbb-1111-2222-3333-444444444444'
        foreach ($part in 'Entra', 'Exchange') { $null = Start-Bad $least $part '*signed in to the tenant bbbbbbbb-*' @{ TenantId = $id } }
        $tenant.Id = $id
        $tenant.Applications[0].DisplayName = 'Payroll'
        $keys = $tenant.Applications[0].KeyCredentials
        $tenant.Applications[0].KeyCredentials = @()
        $null = Start-Bad $least Entra "*is called 'Payroll'*"
        $tenant.Applications[0].DisplayName = 'TLS Uplift'
        $tenant.Applications[0].KeyCredentials = $keys
        Get-TenantState | Should -Be $before
    }

    It 'completes after an error: <cmdlet>' -ForEach @(
        'Connect-ExchangeOnline', 'Get-ServicePrincipal', 'Get-RecipientPermission', 'Get-Mailbox', 'Test-ServicePrincipalAuthorization', 'Connect-MgGraph', 'Get-MgApplication',
        'Get-MgServicePrincipal', 'Get-MgServicePrincipalAppRoleAssignment', 'Update-MgApplication', 'Remove-MgServicePrincipalAppRoleAssignment', 'Get-MessageTraceV2',
        'Get-MailboxPermission', 'Remove-RecipientPermission', 'Remove-MailboxPermission' | ForEach-Object { @{ Cmdlet = $_ } }
    ) {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps role $least
        $failed = 0
        foreach ($part in 'Exchange', 'Entra', 'Exchange') {
            Wait-Hours 2.1
            Add-Message
            Wait-Hours 0.1
            # The first call of each step, and then the second one.
            foreach ($skip in 0, 1) {
                $global:tenantCalls = $skip
                Set-Failure $Cmdlet 'Service unavailable (503)' -Times 1 -When { $global:tenantCalls-- -le 0 }
                $run = Start-Part $least $part
                Assert-Sends
                if ($run.Exit -ne 0) {
                    $failed++
                    $run.Last | Should -BeLike 'FAILED.*'
                    $run.Output | Should -BeLike '*Service unavailable (503)*'
                }
                $tenant.Failures.Clear()
            }
            $null = Start-Good $least $part
        }
        $failed | Should -BeGreaterThan 0
        Read-Claims | Should -BeNullOrEmpty
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
        $tenant.RecipientPermissions | Should -BeNullOrEmpty
    }

    It 'does nothing where the tenant has no role' {
        $tenant.Roles = @('Application Mail.Send')
        New-ClassicTenant
        $least = Write-Script
        (Start-Part (Write-Script setup) Exchange).Output | Should -BeLike "*no role 'Application SMTP.SendAsApp'*"
        $before = Get-TenantState
        $null = Start-Bad $least Exchange '*not in the scope*no such role, stay with the permission SMTP.SendAsApp*'
        Get-TenantState | Should -Be $before
    }
}
