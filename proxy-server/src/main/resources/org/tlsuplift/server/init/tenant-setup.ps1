<#
.SYNOPSIS
Lets TLS Uplift sign in to the mailboxes below with OAuth. 'tls-uplift tenant setup' wrote this script.

.DESCRIPTION
Without -Apply, the script changes nothing: it shows what is missing. With -Apply, it changes what is
missing. Run it again at any time. It removes nothing. The last line and the exit code (0 or 1) show
whether a run succeeded.

The script has two parts, because the modules Microsoft.Graph and ExchangeOnlineManagement cannot sign
in from one PowerShell window. Run each part in a window of its own:

  .\tls-uplift-tenant-setup.ps1 -Part Entra
  .\tls-uplift-tenant-setup.ps1 -Part Entra -Apply

The first part prints the command for the second part. tls-uplift-tenant-remove.ps1 takes all changes
back. The manual of TLS Uplift has the sources of all cmdlets: tls-uplift manual tenant-sources
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [ValidateSet('Entra', 'Exchange')]
    [string]$Part = 'Entra',
    # Makes the changes. Without it, the script only shows them.
    [switch]$Apply,
    # The application to use, if the tenant already has one. The second part needs it.
    [string]$ApplicationId,
    # The object ID of the enterprise application. The second part needs it.
    [string]$ObjectId,
    # The ID of the tenant, as the first part printed it. The second part needs it.
    [string]$TenantId,
    # For accounts with 'sendBy: graph': lets the application send from the mailboxes by Microsoft Graph,
    # and leaves SMTP AUTH as it is. For the second part.
    [switch]$Graph,
    # With -Graph and 'saveToSentItems: true': the application may send, but neither read nor write drafts.
    [switch]$SentItems,
    # For SMTP with the permission SMTP.SendAsApp, FullAccess and SendAs, as before Exchange Online had a
    # role for it. For both parts.
    [switch]$Classic,
    # Closes passwords for these mailboxes: they get an authentication policy without basic authentication, and the accounts of
    # shared mailboxes can no longer sign in. Lists who is affected, and asks. For the second part.
    [switch]$ClosePasswords,
    # Uses an application that has other owners or credentials, or a group or scope that the script did not make. The
    # script lists them. Check them first. For both parts.
    [switch]$AcceptOthers,
    # Removes a service principal in Exchange Online that has the same application but another object ID.
    [switch]$ReplaceServicePrincipal,
    # Runs Enable-OrganizationCustomization, if the tenant needs it. That cannot be undone.
    [switch]$EnableCustomization,
    # The administrator's account for the second part.
    [string]$UserPrincipalName,
    # For partners: the tenant of the customer, such as contoso.onmicrosoft.com. For the second part.
    [string]$DelegatedOrganization,
    # The application for the sign-in of the first part. The cloud 'china' needs one of your own.
    [string]$GraphClientId,
    # Signs in with a code that you type on another computer.
    [switch]$DeviceCode,
    # Signs in without the Web Account Manager of Windows. For the second part.
    [switch]$DisableWAM,
    # Keeps what the script changes, with the old settings. tls-uplift-tenant-remove.ps1 takes it back.
    [string]$StateFile
)

#SETTINGS#
#COMMON#

# Microsoft Graph has this application ID in every tenant.
$MicrosoftGraph = '00000003-0000-0000-c000-000000000000'

# A new object reaches the other servers after some seconds.
$tries = 6

# ---- Part Entra ----

function Find-Application {
    $filter = "appId eq '$ApplicationId'"
    if (-not $ApplicationId) {
        $escaped = $Name.Replace("'", "''")
        $filter = "displayName eq '$escaped'"
    }
    $found = @(Get-MgApplication -Filter $filter -All)
    if ($found.Count -eq 0 -and -not $ApplicationId) { $found = @(Find-Registered) }
    if ($found.Count -gt 1) {
        throw "$($found.Count) applications are called $Name. Choose one with -ApplicationId: $($found.AppId -join ', ')"
    }
    if ($ApplicationId -and $found.Count -eq 0) {
        throw "The tenant has no application with the ID $ApplicationId."
    }
    if ($found.Count -eq 1) {
        # Only the request for a single application returns its certificates completely.
        $application = Get-MgApplication -ApplicationId $found[0].Id -Property 'id,appId,displayName,isFallbackPublicClient,publicClient,keyCredentials,passwordCredentials,requiredResourceAccess'
        Assert-OwnApplication $application
        return $application
    }
}

# The application that an earlier run registered, if Microsoft does not show its name: somebody changed the name, or it is new.
function Find-Registered {
    foreach ($record in @($records.Values | Where-Object { $_.What -eq 'registered' -and $_.Name -eq $Name })) {
        $found = @(Get-MgApplication -Filter "appId eq '$($record.Of)'" -All)
        if ($found.Count -eq 0 -and (Read-Seconds) - [long]$record.Old -lt 900) {
            throw "Microsoft does not show the application $($record.Of) yet, which an earlier run registered. Run the same command again in some minutes. If somebody removed the application, wait 15 minutes."
        }
        if ($found.Count -eq 0) {
            foreach ($old in @($records.Values | Where-Object { $_.Of -eq $record.Of })) { Clear-Record $old.Of $old.What }
        }
        $found
    }
}

# PowerShell 5.1 and 7 write times in different ways.
function Read-Seconds {
    [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
}

# A user of the tenant may have registered an application with this name. Whoever owns it, or has another
# credential of it, could then open the mailboxes.
function Assert-OwnApplication {
    param($Application)
    $keys = @($Application.KeyCredentials | Where-Object { $_ })
    $ours = @($keys | Where-Object { Test-OwnCertificate $_ })
    if ($ours.Count -eq 0 -and -not $ApplicationId -and -not (Find-Record $Application.AppId 'registered')) {
        throw "The tenant already has an application $Name, without the certificate of this script. If it is yours, give -ApplicationId $($Application.AppId). If not, the network engineer chooses another name: tls-uplift tenant setup --name"
    }
    $others = @(Find-Others $Application)
    Write-Host "Uses the application '$($Application.DisplayName)' ($($Application.AppId))."
    if ($ours.Count -eq 0 -and (Find-Record $Application.AppId 'registered')) { Write-Host "  Only $StateFile shows that an earlier run registered it." }
    foreach ($credential in @($Application.PasswordCredentials | Where-Object { $_ -and (Find-Record $Application.AppId "secret $($_.KeyId)") })) {
        Write-Host "  Only $StateFile shows that an earlier run created its client secret '$($credential.DisplayName)', until $($credential.EndDateTime). If you do not know it, remove it in Entra."
    }
    foreach ($other in $others) { Write-Host "  It also has: $other" }
    if ($others.Count -gt 0 -and -not $AcceptOthers) {
        throw "The application '$($Application.DisplayName)' has other owners or credentials, which could open the mailboxes. Remove those that you do not know; then add -AcceptOthers."
    }
}

# The permission on the page 'API permissions' of the application, beside those that it has.
function Write-ListedPermission {
    param($Application, [string]$Resource, $Ids, [string]$Type)
    $isOurs = { $_.Of -eq $Resource -and $missing -contains $_.Id }
    $listed = @(Split-Listed $Application.RequiredResourceAccess | Where-Object { $_.Of -eq $Resource })
    $missing = @($Ids | Where-Object { $listed.Id -notcontains $_ })
    if ($missing.Count -gt 0) {
        foreach ($id in $missing) { Write-Record $Application.AppId "listed $Resource $id" }
        $added = @($missing | ForEach-Object { [pscustomobject]@{ Of = $Resource; Id = $_; Type = $Type } })
        $null = Invoke-Change "list these API permissions: $($Granted -join ', ')" {
            $others = @(Read-Listed $Application.Id | Where-Object { -not (& $isOurs) })
            Update-MgApplication -ApplicationId $Application.Id -RequiredResourceAccess @(Join-Listed ($others + $added))
        }
    }
}

function Register-Application {
    $options = @{}
    if ($CertificateData) { $options.KeyCredentials = @(ConvertTo-KeyCredential) }
    # With the certificate at once: a second run recognises the application by it. One try, because the
    # reply to a request that succeeded can be lost.
    $registered = Invoke-Change "register the application $Name (the key of its certificate stays on the machine of TLS Uplift)" -Tries 1 {
        # tls-uplift-tenant-remove.ps1 removes only an application with this note.
        New-MgApplication -DisplayName $Name -SignInAudience 'AzureADMyOrg' -Notes $RegisteredNote @options
    }
    if ($registered) { Write-Record $registered.AppId 'registered' (Read-Seconds) $Name }
    return $registered
}

function ConvertTo-KeyCredential {
    @{
        Type = 'AsymmetricX509Cert'
        Usage = 'Verify'
        Key = [Convert]::FromBase64String($CertificateData)
        DisplayName = $CertificateLabel
        StartDateTime = [DateTime]::Parse($CertificateStart).ToUniversalTime()
        EndDateTime = [DateTime]::Parse($CertificateEnd).ToUniversalTime()
    }
}

function Write-Certificate {
    param($Application)
    $isOurs = { $_.Key -and [Convert]::ToBase64String($_.Key) -eq $CertificateData }
    if ($Application.KeyCredentials | Where-Object $isOurs) { return }
    $added = ConvertTo-KeyCredential
    $null = Invoke-Change "add the certificate $CertificateLabel (the key stays on the machine of TLS Uplift)" {
        Update-MgApplication -ApplicationId $Application.Id -KeyCredentials (@(Read-Keys $Application.Id) + $added)
    } -Find { Read-Keys $Application.Id | Where-Object $isOurs }
}

# For IMAP and POP3, and for SMTP the classic way.
function Grant-ApplicationPermission {
    param($Application, $Principal)
    $resource = Get-MgServicePrincipal -Filter "appId eq '$ExchangeOnline'"
    if (-not $resource) {
        throw 'The tenant has no Office 365 Exchange Online. Check that the tenant has mailboxes in Exchange Online.'
    }
    $has = @()
    if ($Principal) {
        $has = @(Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $Principal.Id -All | Where-Object { $_.ResourceId -eq $resource.Id } | ForEach-Object { $_.AppRoleId })
    }
    $smtp = $resource.AppRoles | Where-Object { $_.Value -eq 'SMTP.SendAsApp' }
    if ($smtp -and $has -contains $smtp.Id -and -not $Classic) {
        $script:Classic = $true
        $script:Granted = $Permissions
        Write-Host 'The application has SMTP.SendAsApp in Entra, so this tenant stays with the classic way (-Classic).'
    }
    $roles = @($Granted | ForEach-Object {
            $permission = $_
            $role = $resource.AppRoles | Where-Object { $_.Value -eq $permission -and $_.AllowedMemberTypes -contains 'Application' }
            if (-not $role) { throw "Office 365 Exchange Online has no application permission $permission." }
            $role
        })
    if ($roles.Count -eq 0) { return }
    Write-ListedPermission $Application $ExchangeOnline $roles.Id 'Role'
    foreach ($role in @($roles | Where-Object { $has -notcontains $_.Id })) {
        if ($Principal) { Write-Record $Application.AppId "grant $($role.Id)" -Name $role.Value }
        $null = Invoke-Change "grant $($role.Value), with admin consent" {
            New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $Principal.Id -PrincipalId $Principal.Id -ResourceId $resource.Id -AppRoleId $role.Id
        } -Find { Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $Principal.Id -All | Where-Object { $_.ResourceId -eq $resource.Id -and $_.AppRoleId -eq $role.Id } }
    }
}

function Write-PublicClient {
    param($Application)
    $resource = Get-MgServicePrincipal -Filter "appId eq '$MicrosoftGraph'"
    # The sign-in of a user asks for the last three, too, so the consent of an administrator has to cover them.
    $scopes = @(@($Permissions) + 'offline_access', 'openid', 'profile' | ForEach-Object {
            $permission = $_
            $scope = $resource.Oauth2PermissionScopes | Where-Object { $_.Value -eq $permission }
            if (-not $scope) { throw "Microsoft Graph has no delegated permission $permission." }
            $scope
        })
    Write-ListedPermission $Application $MicrosoftGraph $scopes.Id 'Scope'
    if (-not $Application.IsFallbackPublicClient) {
        Write-Record $Application.AppId 'public client flows'
        $null = Invoke-Change 'allow public client flows' {
            Update-MgApplication -ApplicationId $Application.Id -IsFallbackPublicClient
        }
    }
    # For tls-uplift accounts sign-in --browser. Microsoft ignores the port of localhost.
    if ($Application.PublicClient.RedirectUris -notcontains 'http://localhost') {
        Write-Record $Application.AppId 'redirect URI'
        $null = Invoke-Change 'add the redirect URI http://localhost for mobile and desktop applications' {
            Update-MgApplication -ApplicationId $Application.Id -PublicClient @{ RedirectUris = @(Read-Redirects $Application.Id) + 'http://localhost' }
        }
    }
}

# Transcripts and the logs of PowerShell keep what the window shows, so it does not show the secret.
function Write-Secret {
    param($Application)
    $now = [DateTime]::UtcNow
    $valid = @($Application.PasswordCredentials | Where-Object { $_.DisplayName -eq $Name -and $_.EndDateTime -gt $now })
    $file = Join-Path $folder 'tls-uplift-client-secret.txt'
    # A run that ended before it wrote the secret left an empty file.
    $lost = (Test-Path -LiteralPath $file) -and (Get-Item -LiteralPath $file).Length -eq 0
    if ($valid.Count -gt 0 -and -not $lost) { return }
    if ($Apply) {
        # A file or link of somebody else would take the secret elsewhere. This one gets its rights before its content.
        if (Test-Path -LiteralPath $file) { Remove-Item -LiteralPath $file -Force }
        $null = New-Item -ItemType File -Path $file
        if ($env:OS -eq 'Windows_NT') {
            $null = icacls $file /inheritance:r /grant:r "$([Security.Principal.WindowsIdentity]::GetCurrent().Name):F"
        } else {
            $null = chmod 600 $file
        }
        if ($LASTEXITCODE -ne 0) { throw "The rights of $file cannot be set." }
    }
    $secret = Invoke-Change "create a client secret that is valid for a year, and write it to $file" -Tries 1 {
        Add-MgApplicationPassword -ApplicationId $Application.Id -PasswordCredential @{ DisplayName = $Name; EndDateTime = $now.AddYears(1) }
    }
    if ($secret) {
        Write-Record $Application.AppId "secret $($secret.KeyId)" -Name $Name
        try {
            [IO.File]::WriteAllText($file, $secret.SecretText)
        } catch {
            throw "The client secret could not be written to $file ($($_.Exception.Message)). Run the same command again: it creates another one. Delete this one in Entra: $($secret.KeyId)"
        }
        Write-Host "The client secret expires on $($secret.EndDateTime). Give the file to the administrator of TLS Uplift by a safe way, not by mail. Then delete it."
    }
}

function Invoke-EntraPart {
    # For SMTP, a role in Exchange Online is enough. A permission in Entra would be for all mailboxes.
    $script:Granted = @($Permissions | Where-Object { $Classic -or $_ -ne 'SMTP.SendAsApp' })
    $scopes = @('Application.ReadWrite.All')
    if ($Flow -eq 'application' -and $Granted.Count -gt 0) { $scopes += 'AppRoleAssignment.ReadWrite.All' }
    Open-Graph $scopes
    Write-Host "Tenant $Tenant ($($context.TenantId)), application $Name"
    Read-State $context.TenantId
    Assert-StateFile

    $application = Find-Application
    if (-not $application) {
        $application = Register-Application
    } elseif ($CertificateData) {
        Write-Certificate $application
    }
    $principal = $null
    if ($application) {
        $principal = Get-MgServicePrincipal -Filter "appId eq '$($application.AppId)'"
    }
    if (-not $principal) {
        $principal = Invoke-Change 'create the enterprise application' {
            New-MgServicePrincipal -AppId $application.AppId
        } -Find { Get-MgServicePrincipal -Filter "appId eq '$($application.AppId)'" }
    }
    # The certificate shows whose the application is, as soon as Microsoft shows the application.
    if ($CertificateData -and $application -and (Find-Record $application.AppId 'registered') -and (Get-MgApplication -Filter "appId eq '$($application.AppId)'" -All)) {
        Clear-Record $application.AppId 'registered'
    }
    if ($principal) { Write-Record $application.AppId 'enterprise application' $principal.Id }
    if ($Flow -eq 'application') {
        Grant-ApplicationPermission $application $principal
    } else {
        Write-PublicClient $application
    }
    if ($NewSecret) { Write-Secret $application }
    if ($application -and $principal) { Show-NextStep $application $principal.Id }
}

function Show-NextStep {
    param($Registered, [string]$Principal)
    $application = $Registered.AppId
    Write-Host ''
    Write-Host 'Paste this line into the page Connect Microsoft 365, or into tls-uplift tenant setup (tenant ID, application ID, object ID of the enterprise application, object ID of the app registration):'
    Write-Host "  $($context.TenantId) $application $Principal $($Registered.Id)"
    if ($Flow -ne 'application') {
        $platform = @{ Global = 'login.microsoftonline.com'; USGov = 'login.microsoftonline.us'; USGovDoD = 'login.microsoftonline.us'; China = 'login.partner.microsoftonline.cn' }[$GraphEnvironment]
        Write-Host ''
        Write-Host 'If users may not consent in this tenant, open this address as Application Administrator, once for all users. The browser then tries http://localhost: this error is right.'
        Write-Host "  https://$platform/$($context.TenantId)/adminconsent?client_id=$application"
    }
    if ($Mailboxes.Count -gt 0) {
        $command = ".\tls-uplift-tenant-setup.ps1 -Part Exchange -TenantId $($context.TenantId) -ApplicationId $application -ObjectId $Principal"
        if ($Classic) { $command += ' -Classic' }
        Write-Host ''
        Write-Host 'Next, open a NEW PowerShell window and run the second part:'
        Write-Host "  $command"
        Write-Host "  $command -Apply"
    }
}

# ---- Part Exchange ----

function Write-ServicePrincipal {
    $known = @(Get-ServicePrincipal | Where-Object { $_.AppId -eq $ApplicationId })
    $others = @($known | Where-Object { "$($_.ObjectId)" -ne $ObjectId })
    foreach ($wrong in $others) {
        if (-not $ReplaceServicePrincipal) {
            throw "Exchange Online knows the application with the object ID $($wrong.ObjectId), and -ObjectId is $ObjectId. Compare both with the page Enterprise applications of Entra. If yours is right, add -ReplaceServicePrincipal: sign-ins with the other one then end."
        }
    }
    if ($known.Count -eq $others.Count) {
        # The other one goes last: if this ID is mistyped, sign-ins go on.
        try {
            Write-Principal $ObjectId $(if ($others) { 1 } else { 6 })
        } catch {
            if ($others.Count -eq 0 -or "$($_.Exception.Message)" -notmatch 'already|duplicate|conflict|in use|unique') { throw }
            Revoke-Principals $others
            try {
                Write-Principal $ObjectId
            } catch {
                $failure = $_
                foreach ($one in $others) { Write-Principal $one.ObjectId 6 $one.DisplayName ' again. Run the script with this ID, which gives its permissions again' }
                throw $failure
            }
            $others = @()
        }
    }
    Revoke-Principals $others
    Read-PrincipalNames
}

function Write-Principal {
    param([string]$Id, [int]$Tries = 6, [string]$Title = $Name, [string]$More = ' in Exchange Online')
    $null = Invoke-Change "create the service principal $Id$More" -Tries $Tries {
        New-ServicePrincipal -AppId $ApplicationId -ObjectId $Id -DisplayName $Title
    } -Find { Get-ServicePrincipal | Where-Object { "$($_.ObjectId)" -eq $Id } }
}

function Revoke-Principals {
    param($Wrong)
    foreach ($one in $Wrong) {
        $null = Invoke-Change "remove the service principal with the wrong object ID $($one.ObjectId)" {
            Remove-ServicePrincipal -Identity $one.ObjectId -Confirm:$false
        } -Find { @(Get-ServicePrincipal | Where-Object { $_.ObjectId -eq $one.ObjectId }).Count -eq 0 }
    }
}

function Grant-MailboxPermission {
    param($Mailbox, [bool]$SendAs)
    $address = "$($Mailbox.PrimarySmtpAddress)"
    $id = "$($Mailbox.Guid)"
    $access = Select-OwnPermission (Find-Object { Get-MailboxPermission -Identity $id -User $ObjectId })
    if (-not ($access | Where-Object { $_.AccessRights -contains 'FullAccess' })) {
        Write-Record $id "FullAccess $ObjectId" -Name $address
        $null = Invoke-Change "${address}: let the application open the mailbox (FullAccess)" {
            Add-MailboxPermission -Identity $id -User $ObjectId -AccessRights FullAccess
        }
    }
    if (-not $SendAs) { return }
    if (-not (Find-SendAs $Mailbox)) {
        Write-Record $id "SendAs $ObjectId" -Name $address
        $null = Invoke-Change "${address}: let the application send as the mailbox (SendAs)" {
            Add-RecipientPermission -Identity $id -Trustee $ObjectId -AccessRights SendAs -Confirm:$false
        }
    }
}

function Find-SendAs {
    param($Mailbox)
    Select-OwnPermission (Find-Object { Get-RecipientPermission -Identity "$($Mailbox.Guid)" -Trustee $ObjectId }) | Where-Object { $_.AccessRights -contains 'SendAs' }
}

# With SMTP.SendAsApp in Entra, which this part cannot see, Microsoft checks FullAccess and SendAs, and not the role. The other
# mailboxes of the application show it. A mailbox that has the role already may have lost both on purpose.
function Test-OldWay {
    $old = @(Select-OwnPermission (Find-Object { Get-RecipientPermission -Trustee $ObjectId -ResultSize Unlimited }) | Where-Object { $_.AccessRights -contains 'SendAs' })
    if ($old.Count -eq 0) { return $false }
    Write-Host "The application sends the old way from $($old.Count) mailboxes (SendAs). So a mailbox that is new here gets FullAccess and SendAs beside the role. How to come over to the role alone: tls-uplift manual keep-connected"
    return $true
}

function Open-Protocols {
    param($Mailbox)
    $address = "$($Mailbox.PrimarySmtpAddress)"
    $id = "$($Mailbox.Guid)"
    $settings = Get-CASMailbox -Identity $id
    # An empty value follows the setting of the tenant, so only $false switches SMTP AUTH on for sure.
    if ($Protocols -contains 'smtp' -and -not $Graph -and $settings.SmtpClientAuthenticationDisabled -ne $false) {
        Write-Record $id 'SmtpClientAuthenticationDisabled' $settings.SmtpClientAuthenticationDisabled $address
        $null = Invoke-Change "${address}: switch SMTP AUTH on" {
            Set-CASMailbox -Identity $id -SmtpClientAuthenticationDisabled $false
        }
    }
    if ($Protocols -contains 'imap' -and -not $settings.ImapEnabled) {
        Write-Record $id 'ImapEnabled' $settings.ImapEnabled $address
        $null = Invoke-Change "${address}: switch IMAP on" {
            Set-CASMailbox -Identity $id -ImapEnabled $true
        }
    }
    if ($Protocols -contains 'pop3' -and -not $settings.PopEnabled) {
        Write-Record $id 'PopEnabled' $settings.PopEnabled $address
        $null = Invoke-Change "${address}: switch POP3 on" {
            Set-CASMailbox -Identity $id -PopEnabled $true
        }
    }
}

# The application gets a role for the members of this group. So a group or scope of the same name that this script did not
# make, or that somebody changed, would give it mailboxes that nobody chose.
function Assert-OwnScope {
    param([string]$Title)
    $others = @()
    $group = Find-Group $Title
    if ($group -and -not (Test-OwnGroup $group)) {
        $others += "the group $Title, whose notes do not have the application $ApplicationId"
        $others += @(Get-DistributionGroupMember -Identity "$($group.Guid)" -ResultSize Unlimited | ForEach-Object { "its member $($_.PrimarySmtpAddress)" })
    }
    $scope = Get-ManagementScope | Select-Named $Title
    if ($scope -and -not (Test-OwnScope $scope $group)) { $others += "the management scope $Title, with the mailboxes: $($scope.RecipientFilter)" }
    foreach ($other in $others) { Write-Host "  The tenant already has $other" }
    if ($others.Count -gt 0 -and -not $AcceptOthers) {
        throw "The tenant has a group or a scope $Title that this script did not make. The application could send as these mailboxes. If they are right, add -AcceptOthers. If not, the network engineer chooses another name: tls-uplift tenant setup --name"
    }
}

# A role of Exchange Online for the members of a group, and for no other mailbox. The group of another
# site of the same application gets more members, and loses none.
function Grant-Roles {
    param([string]$Title, [hashtable]$Roles, $Found)
    $group = Find-Group $Title
    $members = @()
    if ($group) {
        $all = @(Get-DistributionGroupMember -Identity "$($group.Guid)" -ResultSize Unlimited)
        $members = @($all | ForEach-Object { "$($_.Guid)" })
        $more = @($all | Where-Object { $Found.Guid -notcontains $_.Guid })
        if ($more.Count -gt 0) { Write-Host "The group $Title also has $($more.Count) mailboxes that are not in this script: $(($more | Select-Object -First 20).PrimarySmtpAddress -join ', ')" }
    } else {
        $group = Invoke-Change "create the mail-enabled security group $Title" {
            New-DistributionGroup -Name $Title -Type Security -MemberJoinRestriction Closed -MemberDepartRestriction Closed -Notes "For TLS Uplift, application $ApplicationId"
        } -Find { Find-Group $Title | Where-Object { Test-OwnGroup $_ } }
        if ($group) { Write-Record "$($group.Guid)" "created for $ApplicationId" -Name $Title }
    }
    $missing = @($Found | Where-Object { $members -notcontains "$($_.Guid)" })
    foreach ($mailbox in $missing) {
        try {
            Write-Record "$($mailbox.Guid)" "member $($group.Guid)" -Name "$($mailbox.PrimarySmtpAddress)"
            # The switch is for administrators who do not own the group.
            $null = Invoke-Change "$($mailbox.PrimarySmtpAddress): add it to the group $Title" {
                Add-DistributionGroupMember -Identity "$($group.Guid)" -Member "$($mailbox.Guid)" -BypassSecurityGroupManagerCheck -Confirm:$false
            } -Find { Get-DistributionGroupMember -Identity "$($group.Guid)" -ResultSize Unlimited | Where-Object { "$($_.Guid)" -eq "$($mailbox.Guid)" } }
        } catch {
            Show-Failure $_.Exception.Message
        }
    }
    Write-Scope $Title
    foreach ($role in $Roles.Keys) {
        $assignments = @(Get-ManagementRoleAssignment -Role $role)
        if (-not ($assignments | Select-OwnAssignment $role $Title)) {
            foreach ($taken in @($assignments | Select-Named $Roles[$role])) {
                if (-not "$($taken.RoleAssigneeName)" -and "$($taken.CustomResourceScope)" -eq $Title) {
                    throw "The role assignment $($taken.Name) is for a service principal that no longer exists, such as one with a wrong object ID. Remove it, then run the same command again: Remove-ManagementRoleAssignment -Identity '$($taken.Name -replace "['\u2018-\u201B]", '$0$0')'"
                }
                throw "The role assignment $($taken.Name) is for $($taken.RoleAssigneeName) with the role $($taken.Role) in the scope '$($taken.CustomResourceScope)', and not for this application. The network engineer chooses another name: tls-uplift tenant setup --name"
            }
            $null = Invoke-Change "give the application the role $role for the members of $Title" {
                New-ManagementRoleAssignment -Name $Roles[$role] -App $ObjectId -Role $role -CustomResourceScope $Title
            } -Find { Get-ManagementRoleAssignment -Role $role | Select-OwnAssignment $role $Title }
        }
    }
}

function Write-Scope {
    param([string]$Title)
    $group = Find-Group $Title
    $name = "$($group.DistinguishedName)".Replace("'", "''")
    $scope = Get-ManagementScope | Select-Named $Title
    if (-not $scope) {
        $null = Invoke-Change "create the management scope $Title for the members of the group" {
            $name = "$((Find-Group $Title).DistinguishedName)".Replace("'", "''")
            if (-not $name) { throw 'the new group cannot be found yet' }
            New-ManagementScope -Name $Title -RecipientRestrictionFilter "MemberOfGroup -eq '$name'"
        } -Find { Get-ManagementScope | Select-Named $Title }
    } elseif (-not $name -or "$($scope.RecipientFilter)".IndexOf($name, [StringComparison]::OrdinalIgnoreCase) -lt 0) {
        # The scope of an earlier version has a list of mailboxes, which stay in it.
        $null = Invoke-Change "add the group to the management scope $Title" {
            $name = "$((Find-Group $Title).DistinguishedName)".Replace("'", "''")
            if (-not $name) { throw 'the new group cannot be found yet' }
            $scope = Get-ManagementScope | Select-Named $Title
            Set-ManagementScope -Identity $Title -RecipientRestrictionFilter "($($scope.RecipientFilter)) -or (MemberOfGroup -eq '$name')"
        } -Find { Get-ManagementScope | Select-Named $Title | Where-Object { $name -and "$($_.RecipientFilter)".IndexOf($name, [StringComparison]::OrdinalIgnoreCase) -ge 0 } }
    }
}

# Tenants that never changed a role have to be prepared once.
function Assert-Customization {
    param($Organization)
    if (-not $Organization.IsDehydrated) { return }
    if (-not $EnableCustomization) {
        throw 'This tenant has never changed roles, so it needs Enable-OrganizationCustomization once. That cannot be undone. If you agree, add -EnableCustomization.'
    }
    $null = Invoke-Change 'prepare the tenant for changed roles (Enable-OrganizationCustomization, cannot be undone)' {
        Enable-OrganizationCustomization -Confirm:$false
    }
}

# ---- Passwords ----

# Lists the mailboxes with what closes for them, and returns those that can be closed.
function Show-Passwords {
    param($Found)
    Write-Host ''
    Write-Host 'Exchange Online does not tell this script who signs in with a password. Look before you go on: SMTP AUTH clients report and sign-in log, tls-uplift manual before-31-december'
    foreach ($mailbox in $Found) {
        $id = "$($mailbox.Guid)"
        $address = "$($mailbox.PrimarySmtpAddress)"
        $user = Find-User $id
        $settings = Get-CASMailbox -Identity $id
        $open = @($(if ($settings.SmtpClientAuthenticationDisabled -ne $true) { 'SMTP AUTH' }), $(if ($settings.ImapEnabled) { 'IMAP' }), $(if ($settings.PopEnabled) { 'POP3' }) | Where-Object { $_ }) -join ', '
        $old = if ("$($user.AuthenticationPolicy)") { "the authentication policy '$($user.AuthenticationPolicy)'" } else { 'no authentication policy' }
        $kind = "$($mailbox.RecipientTypeDetails)"
        Write-Host "  ${address}: $kind, $old, passwords could use: $(if ($open) { $open } else { 'none of SMTP AUTH, IMAP, POP3' })"
        if ($administrators -contains "$($user.UserPrincipalName)") {
            Write-Host "unchanged:     ${address}: your own account stays as it is"
            continue
        }
        # A user who signs in for devices signs in as this account.
        $shared = $kind -eq 'SharedMailbox' -and $Flow -eq 'application'
        if (-not $shared) { Write-Host '    A person may sign in as this account, so it only gets the policy: Outlook and browsers work on, programs that know only a password stop.' }
        [pscustomobject]@{ Id = $id; Address = $address; Old = $user.AuthenticationPolicy; Block = $shared -and -not $user.AccountDisabled }
    }
}

function Close-Passwords {
    param($Found)
    if ($failures.Count -gt 0 -or $waiting) {
        Show-Failure 'The passwords stay open, because the application cannot use each mailbox yet. Run the same command again when it can.'
        return
    }
    $policy = Get-AuthenticationPolicy | Select-Named $PasswordPolicy
    if ($policy -and -not (Find-Record "$($policy.Guid)" 'policy') -and -not $AcceptOthers) {
        throw "The tenant has an authentication policy '$PasswordPolicy' that this script did not make. Check it with Get-AuthenticationPolicy; if it is right, add -AcceptOthers."
    }
    $open = @(Show-Passwords $Found | Where-Object { $_.Block -or -not (Test-PasswordPolicy $_.Old) })
    if ($open.Count -eq 0) { return }
    if ($Apply -and (Read-Host "Type close to close the passwords of these $($open.Count) mailboxes") -ne 'close') { throw 'The passwords stay open, because the answer was not: close' }
    if (-not $policy) {
        $policy = Invoke-Change "create the authentication policy $PasswordPolicy, without basic authentication" {
            New-AuthenticationPolicy -Name $PasswordPolicy
        } -Find { Get-AuthenticationPolicy | Select-Named $PasswordPolicy }
        if ($policy) { Write-Record "$($policy.Guid)" 'policy' -Name $PasswordPolicy }
    }
    foreach ($one in $open) {
        # One mailbox that fails must not stop the others.
        try {
            if (-not (Test-PasswordPolicy $one.Old)) {
                Write-Record $one.Id 'AuthenticationPolicy' $(if ("$($one.Old)") { "$($one.Old)" }) $one.Address
                $null = Invoke-Change "$($one.Address): give it the authentication policy $PasswordPolicy" {
                    Set-User -Identity $one.Id -AuthenticationPolicy $PasswordPolicy -Confirm:$false
                }
            }
            if ($one.Block) {
                Write-Record $one.Id 'AccountDisabled' $false $one.Address
                $null = Invoke-Change "$($one.Address): block the sign-in of its account" {
                    Set-Mailbox -Identity $one.Id -AccountDisabled $true -Confirm:$false
                }
            }
        } catch {
            Show-Failure $_.Exception.Message
        }
    }
    Write-Host 'A change of a policy may need 24 hours.'
}

# Whether SMTP uses the role: not every cloud has it.
function Test-SmtpRole {
    if ($Flow -ne 'application' -or $Protocols -notcontains 'smtp' -or $Graph -or $Classic) { return $false }
    if (Get-ManagementRole | Select-Named $SmtpRole) { return $true }
    # Without the permission in Entra, which only the other part gives, Microsoft refuses each sign-in.
    Show-Failure "This tenant has no role '$SmtpRole', so the script takes the classic way, which is not complete yet. Run both parts with -Classic: .\tls-uplift-tenant-setup.ps1 -Part Entra -Classic -Apply. Its end prints the command for this part."
    return $false
}

# The test does not use Microsoft's caches, which keep old permissions for up to two hours, but a new member of a group
# reaches the servers after some time.
function Show-Authorization {
    param($Found, [string]$Title, [string[]]$Roles)
    $open = @($Found | Select-Object -First 5 | ForEach-Object { "$($_.PrimarySmtpAddress)" })
    for ($try = 1; $open.Count -gt 0; $try++) {
        $late = @()
        foreach ($address in $open) {
            $results = @(Test-ServicePrincipalAuthorization -Identity $ObjectId -Resource $address | Where-Object { "$($_.AllowedResourceScope)" -eq $Title })
            foreach ($role in $Roles) {
                $inScope = @($results | Where-Object { $_.RoleName -eq $role -and "$($_.InScope)" -eq 'True' }).Count -gt 0
                if (-not $inScope) { $late += $address }
                if ($inScope -or $try -eq 6) { Write-Host "${address}: role $role, in scope: $inScope" }
            }
        }
        $open = @($late | Select-Object -Unique)
        if ($try -eq 6) { break }
        if ($open.Count -gt 0) { Start-Sleep -Seconds 10 }
    }
    if ($Found.Count -gt 5) { $script:tested = " Tested: the first 5 of $($Found.Count) mailboxes." }
    if ($open.Count -eq 0) { return }
    if ($changes -gt 0) {
        $script:waiting += " But $($open -join ', ') cannot be used yet: not in scope. Run the same command again in two hours."
    } else {
        Show-Failure "$($open -join ', '): not in the scope $Title. If the last change was more than two hours ago, check that each is a direct member of the group $Title."
    }
}

# This script removes nothing, and another site may need the role.
function Show-DraftRole {
    foreach ($draft in @(Get-ManagementRoleAssignment -Role 'Application Mail.ReadWrite' | Select-OwnAssignment 'Application Mail.ReadWrite')) {
        Write-Host "unchanged:     the application still may read and write mail (Application Mail.ReadWrite, scope '$($draft.CustomResourceScope)'). If no site needs it: Remove-ManagementRoleAssignment -Identity '$($draft.Name -replace "['\u2018-\u201B]", '$0$0')'"
    }
}

function Invoke-ExchangePart {
    if (-not $ApplicationId -or -not $ObjectId) {
        throw 'Give -ApplicationId and -ObjectId, as the first part printed them.'
    }
    if ($ApplicationId -eq $ObjectId) {
        throw 'ApplicationId and ObjectId are the same. ObjectId is the object ID of the enterprise application.'
    }
    $organization = Open-Exchange
    Write-Host "Organization $($organization.Name), application $Name"
    Read-State $TenantId
    Assert-StateFile
    Assert-ObjectId
    $byRole = Test-SmtpRole
    $graphRole = $Flow -eq 'application' -and $Graph
    if ($byRole -or $graphRole -or $ClosePasswords) { Assert-Customization $organization }
    Read-PrincipalNames
    if ($byRole) { Assert-OwnScope "$Name SMTP" }
    if ($graphRole) { Assert-OwnScope "$Name Graph" }
    if ($Flow -eq 'application') { Write-ServicePrincipal }

    $classicSmtp = $Protocols -contains 'smtp' -and -not $Graph -and -not $byRole
    $fullAccess = $Flow -eq 'application' -and ($classicSmtp -or $Protocols -contains 'imap' -or $Protocols -contains 'pop3')
    $oldWay = $byRole -and (Test-OldWay)
    $members = @(if ($oldWay) { Find-Group "$Name SMTP" | ForEach-Object { Get-DistributionGroupMember -Identity "$($_.Guid)" -ResultSize Unlimited } | ForEach-Object { "$($_.Guid)" } })
    $withoutOld = @()
    $found = @()
    foreach ($address in $Mailboxes) {
        # One mailbox that fails must not stop the others.
        try {
            $mailbox = Find-Mailbox $address
            if (-not $mailbox) { throw "${address}: the tenant has no such mailbox. Create it, or correct the list at the top of this script." }
            if ($found.Guid -contains $mailbox.Guid) {
                Write-Host "${address}: another address of $($mailbox.PrimarySmtpAddress), which is in the list too"
                continue
            }
            $both = $oldWay -and $members -notcontains "$($mailbox.Guid)"
            if ($fullAccess -or $both) { Grant-MailboxPermission $mailbox ($classicSmtp -or $both) }
            if ($oldWay -and -not $both -and -not (Find-SendAs $mailbox)) { $withoutOld += "$($mailbox.PrimarySmtpAddress)" }
            Open-Protocols $mailbox
            $found += $mailbox
        } catch {
            Show-Failure $_.Exception.Message
        }
    }
    if ($withoutOld.Count -gt 0) {
        Write-Host "$(($withoutOld | Select-Object -First 20) -join ', '): the application has no SendAs. If it has SMTP.SendAsApp in Entra, which tls-uplift tenant check shows, it cannot send from these $($withoutOld.Count) mailboxes: run this command with -Classic."
    }
    if ($found.Count -gt 0) {
        if ($byRole) {
            Grant-Roles "$Name SMTP" @{ $SmtpRole = "$Name SMTP" } $found
            if ($Apply) { Show-Authorization $found "$Name SMTP" $SmtpRole }
        }
        if ($graphRole) {
            $roles = @{ 'Application Mail.Send' = "$Name Send" }
            # For drafts, which messages above 3 MB need, and all messages that are not kept in Sent Items.
            if (-not $SentItems) { $roles['Application Mail.ReadWrite'] = "$Name Draft" } else { Show-DraftRole }
            Grant-Roles "$Name Graph" $roles $found
            if ($Apply) { Show-Authorization $found "$Name Graph" @($roles.Keys) }
        }
    }
    if ($ClosePasswords -and $found.Count -gt 0) { Close-Passwords $found }
    Write-Host "Microsoft's servers may need up to two hours. Check on the machine of TLS Uplift: tls-uplift tenant check --wait"
}

# ---- Run ----

$folder = $PSScriptRoot
if (-not $folder) { $folder = (Get-Location).Path }
if (-not $StateFile) { $StateFile = Join-Path $folder 'tls-uplift-tenant-state.json' }
try {
    Assert-Ids
    if ($Part -eq 'Entra') { Invoke-EntraPart } else { Invoke-ExchangePart }
} catch {
    Show-Failure $_.Exception.Message
} finally {
    Close-Session
}
Show-Result 'is missing' 'are missing'
exit [int]($failures.Count -gt 0)
